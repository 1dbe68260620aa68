// Tells the LMS that opened this page, in a window or in a frame, that nothing is left to do here (Dynamic Registration
// 1.0). Which of its addresses the page around is at, is not known; the message holds nothing.
(window.opener ?? window.parent).postMessage({ subject: "org.imsglobal.lti.close" }, "*");
