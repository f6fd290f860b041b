package postmark

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"github.com/okence/okence/shared/fault"
)

// OpenPart returns the bytes of attachment n, from 1, of a body without RawEmail.
func (provider) OpenPart(raw []byte, n int) ([]byte, error) {
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
