// Package ses is email/ses: mail that Amazon SES received for us, and what
// became of mail that it sent, both through Amazon SNS.
//
// Pages: docs.aws.amazon.com/sns "Verifying the signatures of Amazon SNS
// messages", docs.aws.amazon.com/ses "Contents of notifications for Amazon SES
// email receiving" and "Contents of event data that Amazon SES publishes to
// Amazon SNS".
//
// Proof is an RSA signature in the body (SignatureVersion 1 SHA-1, 2 SHA-256)
// over a fixed list of its fields, under a certificate that the body names. So
// whitespace, UnsubscribeURL and unknown fields are not proven and not used.
// The certificate must be at an SNS host of Amazon's, also where certificates
// are pinned and nothing is fetched. Then the topic must be ours: anyone can
// make a topic, and Amazon signs for all of them. There is no window of time:
// SNS tries again for an hour, and an identity is handled once.
//
// Raw message delivery must be off (it drops the signature); in receipt rules
// choose Base64 (UTF-8 damages other character sets), and S3 for mail over
// 150 KB. Content-Type is text/plain.
//
// Mail goes out by SMTP or, on AWS, by the API with the process's own role
// (package sesapi).
package ses
