// Package smtp sends mail through a mail server of the operator's (RFC 5321),
// for the accounts that receive it by other ways: email/mime and, by its SMTP
// endpoint, email/ses.
//
// The message is built and spoken by github.com/wneessen/go-mail. What is ours is
// what the answers mean. A mail is taken when the server has answered the end of
// its data, and not before (RFC 5321, 4.2.5): what breaks earlier is tried again,
// a 4xx is tried again, a 5xx is final, and silence after the last dot is
// neither: the mail may be on its way, so it is not repeated. Its Message-ID is
// ours, so an answer or a delivery report tells later that it went.
//
// Keys of a secret: smtp_host, from; and smtp_port (587), smtp_username with
// smtp_password, smtp_tls: starttls (the default, never without), tls (from the
// first byte, port 465), or none, for a server on this machine alone.
package smtp
