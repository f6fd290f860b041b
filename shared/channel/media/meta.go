package media

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"strings"

	"github.com/okence/okence/shared/fault"
)

// Meta fetches WhatsApp media by id: GET {Base}/{media-id} gives a link that
// lives five minutes, GET of the link gives the bytes; both with the account's
// Bearer token (Cloud API, "Media"; channels.md 3). Ids from webhooks expire
// after seven days. Twenty failed requests within an hour block the endpoint
// for half an hour: a caller waits longer after every failure.
type Meta struct {
	Fetcher *Fetcher
	Base    string // default https://graph.facebook.com/v23.0; a test server's otherwise
}

const (
	metaName = "whatsapp/meta"
	metaBase = "https://graph.facebook.com/v23.0"
)

// Fetch returns the file with media id ref. sum is the hash that the webhook
// claimed, in hex, or "": then the one in Meta's own answer counts. Errors are
// those of Fetcher.Fetch.
func (m Meta) Fetch(ctx context.Context, ref, token, sum string) (File, error) {
	if !mediaID(ref) {
		return File{}, fault.New(fault.Invalid, "media: no media id")
	}
	base := m.Base
	if base == "" {
		base = metaBase
	}
	bearer := "Bearer " + token
	about, err := m.Fetcher.Fetch(ctx, Request{
		Provider: metaName, URL: strings.TrimSuffix(base, "/") + "/" + ref, Authorization: bearer, MaxBytes: 64 << 10,
	})
	if err != nil {
		return File{}, err
	}
	var answer struct {
		URL    string `json:"url"`
		SHA256 string `json:"sha256"`
	}
	if json.Unmarshal(about.Bytes, &answer) != nil || answer.URL == "" {
		return File{}, fault.New(fault.Poison, "media: no link in the answer")
	}
	if sum == "" {
		sum = HexSum(answer.SHA256)
	}
	return m.Fetcher.Fetch(ctx, Request{Provider: metaName, URL: answer.URL, Authorization: bearer, SHA256: sum})
}

// HexSum returns a SHA-256 in lower-case hex, given in hex or in base64 (Meta
// writes base64 in webhooks and hex in answers); "" for anything else.
func HexSum(claimed string) string {
	if b, err := hex.DecodeString(claimed); err == nil && len(b) == 32 {
		return strings.ToLower(claimed)
	}
	if b, err := base64.StdEncoding.DecodeString(claimed); err == nil && len(b) == 32 {
		return hex.EncodeToString(b)
	}
	return ""
}

func mediaID(s string) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '_' && c != '-' {
			return false
		}
	}
	return s != "" && len(s) <= 128
}
