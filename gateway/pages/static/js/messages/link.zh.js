// Your invitation, before it is bound to a device.
export default {
  "link.lead": "邀请您参加线上面试。请在安静的地方，用带摄像头和麦克风的设备完成。",
  "link.until": "截止时间",
  "link.bound": "链接只供您本人使用。开始以后，只能在这台设备的这个浏览器中继续。",
  "link.start": "在这台设备上开始",
};
