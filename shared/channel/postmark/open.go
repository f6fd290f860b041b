package postmark

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/okence/okence/shared/channel/mime"
	"github.com/okence/okence/shared/fault"
)

// OpenPart returns the bytes of a file: of a raw mail, or of an attachment in a
// body without RawEmail. A mail begins with the name of a field, never with a brace.
func (provider) OpenPart(raw []byte, n int) ([]byte, error) {
	if !bytes.HasPrefix(bytes.TrimLeft(raw, " \t\r\n"), []byte("{")) {
		return mime.Open(raw, n)
	}
	var m struct{ Attachments []attachment }
	if json.Unmarshal(raw, &m) != nil {
		return nil, fault.New(fault.Invalid, "postmark: no mail")
	}
	if n < 1 || n > len(m.Attachments) {
		return nil, fault.New(fault.NotFound, "postmark: no attachment %d", n)
	}
	content := m.Attachments[n-1].Content
	if content == "" {
		content = m.Attachments[n-1].Data
	}
	file, err := base64.StdEncoding.DecodeString(content) // line ends are allowed
	if err != nil {
		file, err = base64.RawStdEncoding.DecodeString(strings.TrimRight(content, "=\r\n"))
	}
	if err != nil {
		return nil, fault.New(fault.Poison, "postmark: attachment %d is not base64", n)
	}
	return file, nil
}
