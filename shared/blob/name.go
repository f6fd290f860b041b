package blob

import (
	"strings"

	"github.com/okence/okence/shared/fault"
)

// Limits that every driver enforces alike.
const (
	MaxName = 300       // bytes of a name: well under S3's and Cloud Storage's 1,024
	MaxPart = 200       // bytes between slashes: file systems take 255
	MaxSize = 256 << 20 // bytes of a blob: one PUT, held in memory once
	MaxPage = 1000      // infos a page: what S3's ListObjectsV2 returns at most
)

// CheckName refuses a name that breaks the rules of Store with fault.Invalid.
// A part between slashes may not begin with a '.', so that no name leads out
// of a directory or hides in it.
func CheckName(name string) error {
	if name == "" || len(name) > MaxName {
		return fault.New(fault.Invalid, "blob: a name of %d bytes, at least 1 and at most %d", len(name), MaxName)
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || len(part) > MaxPart || part[0] == '.' || strings.ContainsFunc(part, notAllowed) {
			return fault.New(fault.Invalid, "blob: a name with an empty, hidden or overlong part or a character that is not allowed")
		}
	}
	return nil
}

// CheckPut refuses what no driver stores: fault.Invalid or fault.TooLarge.
func CheckPut(name string, b []byte) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if len(b) > MaxSize {
		return fault.New(fault.TooLarge, "blob: %d bytes, at most %d", len(b), MaxSize)
	}
	return nil
}

// CheckPrefix refuses a prefix, or a token, that no name can begin with. Empty
// is all names.
func CheckPrefix(prefix string) error {
	if len(prefix) > MaxName || strings.ContainsFunc(prefix, func(r rune) bool { return r != '/' && notAllowed(r) }) {
		return fault.New(fault.Invalid, "blob: a prefix or token that no name begins with")
	}
	return nil
}

func notAllowed(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("._~-", r)
}
