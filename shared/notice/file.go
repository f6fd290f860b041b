package notice

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/record"
	"github.com/okence/okence/shared/work"
)

// attach stores the files of a message, each sealed by itself. What a program of
// ours made is clean; what somebody brought has been seen by no scanner.
func attach(ctx context.Context, u *work.Unit, m *message.Message, a Answer) error {
	state := message.Unscanned
	if a.Automatic {
		state = message.Clean
	}
	for _, f := range a.Files {
		id, err := u.NewID(ctx, "attachment")
		if err != nil {
			return err
		}
		sum := sha256.Sum256(f.Bytes)
		digest, size := hex.EncodeToString(sum[:]), int64(len(f.Bytes))
		work.Save(u, record.Attachments, &message.Attachment{
			ID: id, ContactID: m.ContactID, MessageID: m.ID, StoredAt: u.Now(), Mime: f.Mime, SHA256: digest, Size: size, Bytes: f.Bytes,
		})
		m.Media = append(m.Media, message.Media{Name: f.Name, Mime: f.Mime, Size: size, SHA256: digest})
		m.Files = append(m.Files, message.File{State: state, FileID: id, SHA256: digest, Size: size})
	}
	return nil
}
