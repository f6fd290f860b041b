package inbound

import (
	"context"

	"github.com/okence/okence/shared/domain/conversation"
	"github.com/okence/okence/shared/domain/message"
	"github.com/okence/okence/shared/work"
)

// threadOf returns the conversation that a mail's plus-address names, if its
// MAC is ours.
func (f *function) threadOf(ctx context.Context, u *work.Unit, it *item) (string, error) {
	if it.Channel != message.Email {
		return "", nil
	}
	var key []byte
	for _, r := range it.Recipients {
		if !conversation.HasPlus(r.Address) {
			continue
		}
		if key == nil {
			var err error
			if key, err = u.Derive(ctx, conversation.PlusLabel); err != nil {
				return "", err
			}
		}
		if id, ok := conversation.FromPlusAddress(key, r.Address); ok {
			return id, nil
		}
	}
	return "", nil
}
