package mime

import (
	"encoding/base64"
	"testing"

	"pgregory.net/rapid"
)

func TestTheSizeOfALeafIsThatOfItsBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := rapid.SliceOf(rapid.SampledFrom([]byte("AZaz09+/==\r\n ~\xff"))).Draw(t, "body")
		if rapid.Bool().Draw(t, "whole") {
			body = []byte(base64.StdEncoding.EncodeToString(body))
		}
		for _, encoding := range []string{"base64", " BASE64 ", "quoted-printable", "8bit", ""} {
			l := leaf{header: header{{"content-transfer-encoding", encoding}}, body: body}
			if l.size() != int64(len(l.bytes())) {
				t.Fatalf("%s: %d, want %d", encoding, l.size(), len(l.bytes()))
			}
		}
	})
}

func TestAFileSaysHowLargeItIs(t *testing.T) {
	m := one(t, top+"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b\r\nContent-Type: image/png\r\nContent-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\n"+base64.StdEncoding.EncodeToString(make([]byte, 1000))+"\r\n--b--\r\n")
	if len(m.Media) != 1 || m.Media[0].Size != 1000 {
		t.Errorf("got %+v", m.Media)
	}
}
