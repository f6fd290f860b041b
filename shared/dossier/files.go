package dossier

import (
	"context"
	"mime"
	"reflect"
	"strings"
	"unicode/utf8"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/domain/redact"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/work"
)

// filer gives out the files of records: text with others taken out, the rest
// whole where only the person and we took part, or where a reviewer has looked.
type filer struct {
	w     *walker
	named map[string]named // by record that holds the bytes
	raw   map[string]bool  // records that hold raw mails
	n     int
}

// named is a file as the message that brought it names it.
type named struct {
	m *message.Message
	i int
}

func newFiler(g *Gathered, w *walker) *filer {
	f := &filer{w: w, named: map[string]named{}, raw: map[string]bool{}}
	for _, o := range g.Records {
		m, ok := o.Rec.(*message.Message)
		if !ok {
			continue
		}
		f.raw[m.RawID] = m.RawID != ""
		for i, file := range m.Files {
			if file.FileID != "" && file.FileID != m.RawID && i < len(m.Media) {
				f.named[file.FileID] = named{m, i}
			}
		}
	}
	return f
}

// sent reports whether a record holds a file that we sent: the person did not supply it.
func (f *filer) sent(id string) bool {
	as := f.named[id]
	return as.m != nil && !as.m.Supplied()
}

// files are those of one record.
func (f *filer) files(ctx context.Context, u *work.Unit, o *work.Owned) ([]File, error) {
	var out []File
	for _, field := range o.Files {
		place := name(o) + "#" + field
		if f.raw[o.ID] {
			f.w.cuts = append(f.w.cuts, Cut{Place: place, Reason: redact.RawForm})
			out = append(out, File{Withheld: redact.RawForm})
			continue
		}
		b, err := work.OpenOwned(ctx, u, o, field)
		if fault.Is(err, fault.Gone) {
			continue
		}
		if err != nil {
			return nil, err
		}
		as := f.named[o.ID]
		file := File{Mime: text(o.Rec, "Mime")}
		doubt := false
		if as.m != nil {
			file.Name, file.Mime = as.m.Media[as.i].Name, as.m.Media[as.i].Mime
			doubt = f.w.shared[as.m.ConversationID] || as.m.Direction != message.In
		}
		out = append(out, f.file(place, file, b, doubt))
	}
	m, ok := o.Rec.(*message.Message)
	if !ok {
		return out, nil
	}
	for i, part := range m.Files { // files that stand within a raw mail
		if part.FileID == "" || part.FileID != m.RawID || i >= len(m.Media) {
			continue
		}
		b, err := locate.Media(ctx, u, m, i)
		if fault.Is(err, fault.Gone) || fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		file := File{Name: m.Media[i].Name, Mime: m.Media[i].Mime}
		doubt := f.w.shared[m.ConversationID] || m.Direction != message.In
		out = append(out, f.file(name(o)+"#media["+itoa(i)+"].bytes", file, b, doubt))
	}
	return out, nil
}

// file decides what is given of one file.
func (f *filer) file(place string, file File, b []byte, doubt bool) File {
	file.Name = redact.Apply(file.Name, f.w.find(place+".name", file.Name, false))
	switch {
	case readable(file.Mime) && utf8.Valid(b):
		s := string(b)
		if doubt {
			s = f.w.ownWords(place, s)
		}
		b = []byte(redact.Apply(s, f.w.find(place, s, false)))
	default:
		show, decided := f.w.verdicts[place]
		if doubt || decided && !show {
			f.w.cuts = append(f.w.cuts, Cut{Place: place, Reason: redact.UnseenFile, Doubtful: true, Fragment: file.Mime, Shown: show, Decided: decided})
			if !show {
				file.Withheld = redact.UnseenFile
				return file
			}
		}
	}
	f.n++
	file.Path, file.bytes = numbered(f.n, file.Name), b
	return file
}

// readable reports whether a file is text that can be searched.
func readable(claimed string) bool {
	t, _, err := mime.ParseMediaType(claimed)
	return err == nil && (strings.HasPrefix(t, "text/") || t == "application/json" || t == "message/rfc822")
}

func text(rec any, field string) string {
	s, _ := fieldIf(rec, field).(string)
	return s
}

func fieldIf(rec any, field string) any {
	v := reflect.ValueOf(rec).Elem().FieldByName(field)
	if !v.IsValid() {
		return nil
	}
	if v.Kind() == reflect.String {
		return v.String()
	}
	return v.Interface()
}
