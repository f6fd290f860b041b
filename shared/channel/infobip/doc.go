// Package infobip reads the notifications of Infobip: SMS and MMS, and Viber
// business messages (infobip.com/docs/api, "Receive inbound SMS messages",
// "Receive Viber delivery reports" and their neighbours).
//
// Proof: HTTP Basic, with the user name and password set in the notification
// profile. It proves who sent, not what: the body isn't covered. TLS carries
// the rest, and a profile should name our host by https only. Infobip also
// knows HMAC credentials, but publishes neither the header nor the signed
// bytes; OAuth and mutual TLS end before this code.
//
// A body is a batch: results[]. What an element is, is told by its fields:
//
//	seenAt                    the recipient saw what we sent
//	status                    a delivery report, by status.groupId
//	text, message, content    something a person sent
//	event TYPING_STARTED …    a control event (Messages API)
//
// SMS has from and text, Viber sender and message{type}, MMS message[] with
// contentType and value or url, the Messages API sender, destination and
// content[]. All keys are taken from all. Times come with the offset as +0000
// and as +05:30. Ids are text; Infobip writes them quoted.
//
// An incoming message is the same by its messageId, a report by messageId and
// group, a seen report by messageId. Infobip tries again after 1 min + n² min,
// for about a day, and in no order.
//
// The person's answer to what we sent names it in pairedMessageId. Our own
// reference comes back as callbackData.
package infobip
