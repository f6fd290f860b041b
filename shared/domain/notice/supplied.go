package notice

// Supplied reports that a notice is ours, and no person's: a portable copy is of
// what the person supplied (art. 20(1) GDPR; P18).
func (n *Notice) Supplied() bool { return false }
