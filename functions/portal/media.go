package portal

import (
	"context"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// file is what a download answers: always to be saved, never shown by the
// browser in our origin, whatever its sender says that it is.
type file struct {
	name  string
	mime  string
	state message.FileState
	bytes []byte
}

func (f *file) write(w http.ResponseWriter) {
	h := w.Header()
	h.Set("Content-Type", harmless(f.mime))
	h.Set("Content-Disposition", disposition(f.name))
	h.Set("Content-Security-Policy", "default-src 'none'; sandbox")
	h.Set("Content-Length", strconv.Itoa(len(f.bytes)))
	h.Set("Okence-Media-State", string(f.state))
	_, _ = w.Write(f.bytes) // the client may have hung up
}

// harmless is a media type that no browser runs, or else plain bytes.
func harmless(claimed string) string {
	t, _, err := mime.ParseMediaType(claimed)
	major, minor, _ := strings.Cut(t, "/")
	switch {
	case err != nil:
	case major == "image" && minor != "svg+xml", major == "audio", major == "video", t == "application/pdf", t == "text/plain":
		return t
	}
	return "application/octet-stream"
}

// disposition names a download; the encoder quotes or encodes every character
// that a header can't hold (RFC 6266, RFC 8187).
func disposition(name string) string {
	name = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r == '/' || r == '\\' {
			return '_'
		}
		return r
	}, strings.ToValidUTF8(name, "_"))
	if name == "" {
		return "attachment"
	}
	if text := mime.FormatMediaType("attachment", map[string]string{"filename": name}); text != "" {
		return text
	}
	return "attachment"
}

// getMedia hands out one file of a message, unless a scanner has found it
// infected.
func (f *function) getMedia(ctx context.Context, u *work.Unit, c *call) (answer, error) {
	id, err := c.id()
	if err != nil {
		return answer{}, err
	}
	index, err := strconv.Atoi(c.r.PathValue("index"))
	if err != nil || index < 0 {
		return answer{}, newProblem("not_found", "")
	}
	m, err := work.Load(ctx, u, record.Messages, id)
	if err != nil {
		return answer{}, err
	}
	if index >= len(m.Media) || index >= len(m.Files) {
		return answer{}, newProblem("not_found", "")
	}
	state := m.Files[index].State
	switch state {
	case message.Unscanned, message.Clean:
	case message.Infected:
		return answer{}, newProblem("media_infected", "")
	case message.Pending:
		return answer{}, newProblem("media_pending", "")
	default:
		return answer{}, newProblem("media_unavailable", "")
	}
	b, err := locate.Media(ctx, u, m, index)
	if err != nil {
		return answer{}, err
	}
	return answer{file: &file{name: m.Media[index].Name, mime: m.Media[index].Mime, state: state, bytes: b}}, nil
}
