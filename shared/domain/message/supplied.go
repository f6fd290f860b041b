package message

// Supplied reports whether the person supplied the message, rather than we: it
// belongs in a portable copy (art. 20(1) GDPR; P18).
func (m *Message) Supplied() bool { return m.Direction == In && !m.Automatic }
