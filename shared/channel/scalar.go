package channel

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"unicode/utf8"

	"github.com/okence/okence/shared/domain/message"
)

// Scalar is a JSON string or number, as it was written. Providers send ids
// quoted in one event and bare in the next, beyond 2^53 (channels.md 1.6): so
// an id is never a number to us. Null is "".
type Scalar string

// UnmarshalJSON takes a string, a number or null and refuses everything else.
func (s *Scalar) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && (b[0] == '-' || '0' <= b[0] && b[0] <= '9') {
		*s = Scalar(b)
		return nil
	}
	if n := len(b) - 1; n > 0 && b[0] == '"' && bytes.IndexByte(b, '\\') < 0 && utf8.Valid(b) {
		*s = Scalar(b[1:n]) // as it stands: most ids, and all times
		return nil
	}
	return json.Unmarshal(b, (*string)(s))
}

// Line is s as an id or name is stored.
func (s Scalar) Line() string { return Line(string(s)) }

// Int is s as a whole number that isn't negative; anything else is 0.
func (s Scalar) Int() int64 {
	n, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// Place is a shared location, or nil where the degrees can't be ones.
func Place(latitude, longitude Scalar, name, address string) *message.Location {
	lat, err1 := strconv.ParseFloat(string(latitude), 64)
	long, err2 := strconv.ParseFloat(string(longitude), 64)
	if err1 != nil || err2 != nil || !(math.Abs(lat) <= 90) || !(math.Abs(long) <= 180) {
		return nil
	}
	return &message.Location{Latitude: lat, Longitude: long, Name: Line(name), Address: Text(address)}
}
