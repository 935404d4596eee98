// Your invitation, before it is bound to a device.
export default {
  "link.lead": "You are invited to an online interview. Sit down where it is quiet, with a camera and a microphone.",
  "link.until": "Open until",
  "link.bound": "The link is yours alone. Once you start, it works on this device and in this browser only.",
  "link.start": "Start on this device",
};
