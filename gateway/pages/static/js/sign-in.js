// To the sign-in and back, in the language that the address asks for.
export const toSignIn = () => location.replace(`/signin${location.search}`);
export const toDesk = () => location.replace(`/hr${location.search}`);
