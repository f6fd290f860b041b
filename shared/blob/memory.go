package blob

import (
	"bytes"
	"context"
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
}

// NewMemory returns an empty one.
func NewMemory() *Memory { return &Memory{blobs: map[string][]byte{}, at: map[string]time.Time{}} }

// Put implements Store.
func (m *Memory) Put(_ context.Context, name string, b []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if old, ok := m.blobs[name]; ok && !bytes.Equal(old, b) {
		return fault.New(fault.Conflict, "blob: the name is taken")
	}
	m.blobs[name], m.at[name] = bytes.Clone(b), time.Now().UTC()
	return nil
}

// Get implements Store.
func (m *Memory) Get(_ context.Context, name string, limit int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
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
func (m *Memory) Delete(_ context.Context, name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.blobs, name)
	delete(m.at, name)
	return nil
}

// List implements Store: everything in one page.
func (m *Memory) List(_ context.Context, prefix, _ string) ([]Info, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []Info
	for name, b := range m.blobs {
		if strings.HasPrefix(name, prefix) {
			out = append(out, Info{Name: name, Size: int64(len(b)), StoredAt: m.at[name]})
		}
	}
	slices.SortFunc(out, func(a, b Info) int { return strings.Compare(a.Name, b.Name) })
	return out, "", nil
}

// Close implements Store.
func (m *Memory) Close() error { return nil }
