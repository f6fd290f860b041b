package inbound

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"

	"github.com/okence/okence/events"
	"github.com/okence/okence/shared/channel"
	"github.com/okence/okence/shared/channel/media"
	"github.com/okence/okence/shared/channel/registry"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/fault"
	"github.com/okence/okence/shared/locate"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// maxFetched bounds the files of one message that are fetched or scanned: each
// is an event in the message's own commit, which has room for a hundred
// operations. The parts of a mail beyond it are kept, unscanned.
const maxFetched = 40

// wireMedia builds the fetcher and the scanner that the settings ask for.
func (f *function) wireMedia() error {
	var err error
	if f.clamd, err = media.NewClamd(f.env.Settings.Clamd); err != nil {
		return err
	}
	hosts := map[string]media.Hosts{}
	for _, n := range registry.Names() {
		h := media.Known[n.String()]
		h.Plain = append(h.Plain[:len(h.Plain):len(h.Plain)], f.env.Settings.MediaHosts...)
		hosts[n.String()] = h
	}
	f.fetch = media.New(media.Options{Hosts: hosts})
	return nil
}

// files says where the bytes of each media item are, and asks for those that
// lie elsewhere. A mail is kept as it came; its parts are read out of it.
func (f *function) files(ctx context.Context, u *work.Unit, it *item, m *message.Message) error {
	if it.raw != nil {
		id, err := u.NewID(ctx, "attachment")
		if err != nil {
			return err
		}
		sum := sha256.Sum256(it.raw)
		m.RawID = id
		work.Save(u, record.Attachments, &message.Attachment{
			ID: id, ContactID: m.ContactID, MessageID: m.ID, StoredAt: it.at, Mime: "message/rfc822",
			SHA256: hex.EncodeToString(sum[:]), Size: int64(len(it.raw)), Bytes: it.raw,
		})
	}
	asked := 0
	for _, a := range it.Media {
		i := len(m.Files) // a later step of a call brings its recording
		file := message.File{State: message.Pending, Size: a.Size}
		if a.Part > 0 {
			file.State, file.FileID = message.Unscanned, m.RawID
		}
		if asked >= maxFetched && a.Part == 0 {
			file.State, file.Code = message.Unavailable, "too_many"
		}
		m.Files = append(m.Files, file)
		if a.Part > 0 && f.clamd == nil || asked >= maxFetched {
			continue
		}
		asked++
		if err := u.Emit(ctx, m.ID, &events.MediaRequested{MessageID: m.ID, Index: i}); err != nil {
			return err
		}
	}
	return nil
}

// mediaRequested fetches one file from its provider, behind the guard, and
// stores it sealed; or scans one that is there. A file that can't be had is
// said to be unavailable: the message stands without it.
func (f *function) mediaRequested(ctx context.Context, u *work.Unit, e events.Event) error {
	d, err := events.As[events.MediaRequested](e)
	if err != nil {
		return err
	}
	m, err := work.Load(ctx, u, record.Messages, d.MessageID)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) {
		return nil // deleted meanwhile: nothing to fetch for
	}
	if err != nil {
		return err
	}
	if d.Index >= len(m.Media) || d.Index >= len(m.Files) {
		return fault.New(fault.Poison, "message %s has no media item %d", m.ID, d.Index)
	}
	file := &m.Files[d.Index]
	if file.State != message.Pending && file.State != message.Unscanned {
		return nil
	}
	bytes, err := f.bytes(ctx, u, m, d.Index)
	if err != nil && !fault.Permanent(err) {
		return err
	}
	if err != nil {
		file.State, file.Code = message.Unavailable, string(fault.Of(err))
		work.Save(u, record.Messages, m)
		return nil
	}
	verdict, err := f.clamd.Scan(ctx, bytes)
	if err != nil && !fault.Permanent(err) {
		return err
	}
	file.State = message.FileState(verdict.State)
	if file.FileID == "" {
		if err := keep(ctx, u, m, d.Index, bytes); err != nil {
			return err
		}
	}
	work.Save(u, record.Messages, m)
	return nil
}

// bytes gets the file of a media item: out of the raw mail, by the provider's
// own API, or behind a link.
func (f *function) bytes(ctx context.Context, u *work.Unit, m *message.Message, i int) ([]byte, error) {
	a, name := m.Media[i], channel.Name{Channel: m.Channel, Provider: m.Provider}
	switch {
	case m.Files[i].FileID != "":
		return locate.Media(ctx, u, m, i)
	case a.Ref != "" && name.String() == "whatsapp/meta":
		token, err := f.token(u.Tenant(), name)
		if err != nil {
			return nil, err
		}
		got, err := media.Meta{Fetcher: f.fetch}.Fetch(ctx, a.Ref, token, a.SHA256)
		return got.Bytes, err
	case a.URL != "":
		authorization, err := f.authorization(u.Tenant(), name)
		if err != nil {
			return nil, err
		}
		got, err := f.fetch.Fetch(ctx, media.Request{Provider: name.String(), URL: a.URL, Authorization: authorization, SHA256: a.SHA256})
		return got.Bytes, err
	}
	return nil, fault.New(fault.NotFound, "media item %d of message %s lies nowhere", i, m.ID)
}

// authorization is what an account shows for its own files; "" where it has
// nothing to show. The fetcher sends it to the provider's own hosts alone.
func (f *function) authorization(tenant string, name channel.Name) (string, error) {
	secrets, err := f.env.Secrets(tenant, name)
	if err != nil {
		return "", err
	}
	for _, s := range secrets {
		switch {
		case name.Provider == "twilio" && s.Has("account_sid", "auth_token"): // recordings ask for it by default
			pair := s.Text("account_sid") + ":" + s.Text("auth_token")
			return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair)), nil
		case name.Provider == "infobip" && s.Has("api_key"):
			return "App " + s.Text("api_key"), nil
		}
	}
	return "", nil
}

// token returns the access token of an account.
func (f *function) token(tenant string, name channel.Name) (string, error) {
	secrets, err := f.env.Secrets(tenant, name)
	if err != nil {
		return "", err
	}
	for _, s := range secrets {
		if t := s.Text("access_token"); t != "" {
			return t, nil
		}
	}
	return "", fault.New(fault.Forbidden, "account %s has no access_token", name)
}

// keep stores a fetched file. Its id follows from message and place, so that
// fetching twice stores once.
func keep(ctx context.Context, u *work.Unit, m *message.Message, i int, b []byte) error {
	id, err := u.Hash(ctx, "file", m.ID, strconv.Itoa(i))
	if err != nil {
		return err
	}
	_, there, err := work.Find(ctx, u, record.Attachments, id)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(b)
	file := &m.Files[i]
	file.FileID, file.Size, file.SHA256 = id, int64(len(b)), hex.EncodeToString(sum[:])
	if !there {
		work.Save(u, record.Attachments, &message.Attachment{
			ID: id, ContactID: m.ContactID, MessageID: m.ID, StoredAt: u.Now(), Mime: m.Media[i].Mime,
			SHA256: file.SHA256, Size: file.Size, Bytes: b,
		})
	}
	return nil
}
