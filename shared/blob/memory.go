package blob

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/okence/okence/shared/fault"
)

// Memory keeps blobs in memory: for simulators, which live as long as it does.
type Memory struct {
	mu    sync.Mutex
	blobs map[string][]byte
	at    map[string]time.Time
	ended bool
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return &Memory{blobs: map[string][]byte{}, at: map[string]time.Time{}} }

func (m *Memory) usable(ctx context.Context) error {
	if m.ended {
		return fault.New(fault.Unavailable, "blob: the store is closed")
	}
	if err := ctx.Err(); err != nil {
		return fault.New(fault.Unavailable, "blob: not begun").Because(err)
	}
	return nil
}

// Put implements Store.
func (m *Memory) Put(ctx context.Context, name string, b []byte) error {
	if err := CheckPut(name, b); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	if old, ok := m.blobs[name]; ok && !bytes.Equal(old, b) {
		return fault.New(fault.Conflict, "blob: the name is taken")
	}
	m.blobs[name], m.at[name] = bytes.Clone(b), time.Now().UTC()
	return nil
}

// Get implements Store.
func (m *Memory) Get(ctx context.Context, name string, limit int64) ([]byte, error) {
	if err := CheckName(name); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return nil, err
	}
	b, ok := m.blobs[name]
	switch {
	case !ok:
		return nil, fault.New(fault.NotFound, "blob: none of that name")
	case int64(len(b)) > limit:
		return nil, fault.New(fault.TooLarge, "blob: %d bytes, at most %d asked for", len(b), limit)
	}
	return bytes.Clone(b), nil
}

// Delete implements Store.
func (m *Memory) Delete(ctx context.Context, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return err
	}
	delete(m.blobs, name)
	delete(m.at, name)
	return nil
}

// List implements Store. The token is the last name of the page before.
func (m *Memory) List(ctx context.Context, prefix, token string) ([]Info, string, error) {
	if err := errors.Join(CheckPrefix(prefix), CheckPrefix(token)); err != nil {
		return nil, "", err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.usable(ctx); err != nil {
		return nil, "", err
	}
	var out []Info
	for name, b := range m.blobs {
		if strings.HasPrefix(name, prefix) && name > token {
			out = append(out, Info{Name: name, Size: int64(len(b)), StoredAt: m.at[name]})
		}
	}
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	if len(out) > MaxPage {
		return out[:MaxPage], out[MaxPage-1].Name, nil
	}
	return out, "", nil
}

// Close implements Store.
func (m *Memory) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ended = true
	return nil
}
