package ledger

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/okence/okence/shared/fault"
)

// Patterns are where Handler is mounted, as net/http writes them.
var Patterns = []string{
	"GET /ledger/{tenant}/checkpoint",
	"GET /ledger/{tenant}/key",
	"GET /ledger/{tenant}/tile/{path...}",
}

// Handler publishes the logs of tenants by C2SP tlog-tiles, without a token:
// checkpoints and hashes, no entries; and, at GET /ledger/{tenant}/key, the
// verifier key, for who has not got it by a better way. served says which
// tenants there are.
func Handler(source func(tenant string) StoreSource, served func(tenant string) bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tenant := r.PathValue("tenant")
		path := strings.TrimPrefix(r.URL.Path, "/ledger/"+tenant+"/")
		if !served(tenant) {
			http.NotFound(w, r)
			return
		}
		src := source(tenant)
		var body []byte
		var err error
		rest, tile := strings.CutPrefix(path, "tile/")
		switch {
		case path == "checkpoint":
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			body, err = src.Checkpoint(r.Context())
		case path == "key":
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			var key string
			key, err = src.Key(r.Context())
			body = []byte(key + "\n")
		case tile:
			var t Tile
			if t, err = ParseTile(rest); err == nil {
				w.Header().Set("Content-Type", "application/octet-stream")
				w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
				body, err = src.Tile(r.Context(), t)
			}
		default:
			err = fault.New(fault.NotFound, "no such file of a log")
		}
		if err != nil {
			w.Header().Del("Cache-Control")
			status := http.StatusServiceUnavailable
			if fault.Is(err, fault.NotFound) {
				status = http.StatusNotFound
			}
			http.Error(w, http.StatusText(status), status)
			return
		}
		_, _ = w.Write(body)
	})
}

// HTTPSource is the TileSource of a published log.
type HTTPSource struct {
	URL    string       // prefix: .../ledger/ekc
	Client *http.Client // nil: one with a timeout of 30 s
}

// Key is the verifier key that the log publishes.
func (s HTTPSource) Key(ctx context.Context) (string, error) {
	b, err := s.get(ctx, "key", 4<<10)
	return strings.TrimSpace(string(b)), err
}

// Checkpoint implements TileSource.
func (s HTTPSource) Checkpoint(ctx context.Context) ([]byte, error) {
	return s.get(ctx, "checkpoint", 64<<10)
}

// Tile implements TileSource. A partial tile may have been replaced by the full
// one (tlog-tiles, Partial Tiles).
func (s HTTPSource) Tile(ctx context.Context, t Tile) ([]byte, error) {
	b, err := s.get(ctx, "tile/"+t.Path(), tileWidth*32)
	if fault.Is(err, fault.NotFound) && t.Width < tileWidth {
		if b, err = s.get(ctx, "tile/"+Tile{t.Level, t.N, tileWidth}.Path(), tileWidth*32); err == nil && len(b) == tileWidth*32 {
			b = b[:t.Width*32]
		}
	}
	return b, err
}

func (s HTTPSource) get(ctx context.Context, path string, limit int64) ([]byte, error) {
	client := s.Client
	if client == nil {
		client = &http.Client{Timeout: 30 * time.Second}
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(s.URL, "/")+"/"+path, nil)
	if err != nil {
		return nil, fault.New(fault.Invalid, "ledger: not a URL")
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "ledger: the published log does not answer").Because(err)
	}
	defer resp.Body.Close()
	switch resp.StatusCode {
	case http.StatusOK:
	case http.StatusNotFound, http.StatusGone:
		return nil, fault.New(fault.NotFound, "ledger: the published log has no %s", path)
	default:
		return nil, fault.New(fault.Unavailable, "ledger: the published log answers %d", resp.StatusCode)
	}
	b, err := io.ReadAll(io.LimitReader(resp.Body, limit+1))
	if err != nil {
		return nil, fault.New(fault.Unavailable, "ledger: the published log breaks off").Because(err)
	}
	if int64(len(b)) > limit {
		return nil, fault.New(fault.Internal, "ledger: %s is longer than it can be", path)
	}
	return b, nil
}
