// Package vonage reads the webhooks of the Vonage Messages API for WhatsApp:
// inbound messages and message statuses (developer.vonage.com, Messages API;
// "Signed webhooks").
//
// Proof: Authorization: Bearer and a JWT, HS256 under the account's signature
// secret. Its claim payload_hash is the hex SHA-256 of the raw body, iat the
// instant of signing (taken within five minutes either way), api_key the account.
// Where the secret names an api_key, it has to be that one.
//
// A callback without any proof is a fault of Vonage's, not an attack by itself:
// Vonage says that it may happen and that an answer 5xx makes it send the same
// callback signed. So, and only then, Verify returns fault.Unavailable, which
// the edge answers by 503; a proof that is there and wrong, is empty or comes
// twice, is fault.Unauthenticated as everywhere.
//
// jti is not remembered: a callback that is sent again within the five minutes
// has the identity of the first, and is the same thing.
//
// A body is one message or one status (status is there). Version 1 has from, to
// and message_type on top; version 0.1 has from.number and message.content.
// Times come as 2020-01-01T14:00:00.000Z and as 2020-01-01 14:00:00 UTC. A
// message is the same by message_uuid, a status by message_uuid and status. Our
// own id comes back as client_ref. Media links need our token and live 48 hours.
//
// Not exercised against Vonage itself: reactions (after the field names of the
// documentation), and how long Vonage repeats.
package vonage
