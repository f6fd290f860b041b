package events

// SendingRequestedType asks for an event to be sent to a peer.
const SendingRequestedType = "org.okence.sending.requested.v1"

var _ = define[SendingRequested](SendingRequestedType, "A stored event is to go out to another organisation.")

// SendingRequested asks for one try. It may come more than once: the sending's
// state says what is left to do, and the peer takes an event once.
type SendingRequested struct {
	SendingID string `json:"sending_id"`
}

// Validate implements Data.
func (s *SendingRequested) Validate() error {
	if !idShape.MatchString(s.SendingID) {
		return wrong("sending_id")
	}
	return nil
}
