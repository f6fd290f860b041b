package conversation

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"strings"
)

// PlusLabel names the tenant's key for plus-addresses (vault.Derive).
const PlusLabel = "plus-address"

// macLen is the length of a plus-address's MAC in base32: 80 bits, since a
// mailbox takes guesses for years.
const macLen = 16

// PlusAddress is the reply address of a conversation: box@domain with
// "+id.mac" before the @. Only the tenant can make one, so a stranger can't
// write into somebody's conversation by guessing. Id and MAC take 51 of the 64
// characters that a local part may have (RFC 5321, 4.5.3.1.1).
func PlusAddress(key []byte, mailbox, id string) string {
	local, domain, _ := strings.Cut(mailbox, "@")
	return local + "+" + id + "." + plusMAC(key, id) + "@" + domain
}

// FromPlusAddress returns the conversation that an address names, or false:
// none, or a MAC that is not ours. Case does not matter: some mailers fold it.
func FromPlusAddress(key []byte, address string) (string, bool) {
	tag, ok := plusTag(address)
	if !ok {
		return "", false
	}
	id, mac, ok := strings.Cut(tag, ".")
	if !ok || len(mac) != macLen || !hmac.Equal([]byte(mac), []byte(plusMAC(key, id))) {
		return "", false
	}
	return id, true
}

// HasPlus reports whether an address has a tag at all: only then is a key
// needed to read it.
func HasPlus(address string) bool {
	_, ok := plusTag(address)
	return ok
}

func plusTag(address string) (string, bool) {
	local, _, ok := strings.Cut(strings.ToLower(address), "@")
	if !ok {
		return "", false
	}
	i := strings.LastIndexByte(local, '+')
	if i < 0 {
		return "", false
	}
	return local[i+1:], true
}

func plusMAC(key []byte, id string) string {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(id))
	return strings.ToLower(base32.HexEncoding.EncodeToString(m.Sum(nil)))[:macLen]
}
