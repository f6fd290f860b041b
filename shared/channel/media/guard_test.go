package media

import (
	"net/netip"
	"testing"

	"pgregory.net/rapid"
)

func TestPublicEitherSideOfEveryBoundary(t *testing.T) {
	for addr, want := range map[string]bool{
		"0.255.255.255": false, "1.0.0.0": true, "9.255.255.255": true, "10.0.0.0": false, "10.255.255.255": false, "11.0.0.0": true,
		"100.63.255.255": true, "100.64.0.0": false, "100.100.100.200": false, "100.127.255.255": false, "100.128.0.0": true,
		"126.255.255.255": true, "127.0.0.0": false, "127.255.255.255": false, "128.0.0.0": true,
		"168.63.129.15": true, "168.63.129.16": false, "168.63.129.17": true,
		"169.253.255.255": true, "169.254.0.0": false, "169.254.169.254": false, "169.254.255.255": false, "169.255.0.0": true,
		"172.15.255.255": true, "172.16.0.0": false, "172.31.255.255": false, "172.32.0.0": true,
		"192.0.0.192": false, "192.0.1.0": true, "192.0.2.1": false, "192.88.99.1": false, "192.167.255.255": true, "192.168.0.0": false, "192.169.0.0": true,
		"198.17.255.255": true, "198.18.0.0": false, "198.19.255.255": false, "198.20.0.0": true, "198.51.100.1": false, "203.0.113.1": false,
		"223.255.255.255": true, "224.0.0.0": false, "239.255.255.255": false, "240.0.0.0": false, "255.255.255.255": false,
		"::": false, "::1": false, "::ffff:8.8.8.8": false, "::8.8.8.8": false, "64:ff9b::808:808": false, "64:ff9b:1::1": false,
		"100::1": false, "1fff::1": false, "2000::1": true, "2001::1": false, "2001:1ff::1": false, "2001:200::1": true, "2001:db8::1": false,
		"2002:7f00:1::": false, "2003::1": true, "2a00:1450:4001::1": true, "3fff::1": false, "3fff:1000::1": true, "4000::1": false,
		"fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "fe80::1%eth0": false, "2a00::1%eth0": false, "ff02::1": false,
	} {
		if got := Public(netip.MustParseAddr(addr)); got != want {
			t.Errorf("Public(%s) = %v", addr, got)
		}
	}
	if Public(netip.Addr{}) {
		t.Error("no address is public")
	}
}

// The standard library's own idea of private, as a second opinion.
func TestNothingTheStandardLibraryCallsPrivateIsPublic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var a netip.Addr
		if rapid.Bool().Draw(t, "IPv6") {
			b := [16]byte(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "bytes"))
			b[0] = rapid.SampledFrom([]byte{0, 0x20, 0xfc, 0xfd, 0xfe, 0xff}).Draw(t, "first")
			a = netip.AddrFrom16(b)
		} else {
			b := [4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "bytes"))
			b[0] = rapid.SampledFrom([]byte{0, 10, 127, 169, 172, 192, 224, 239}).Draw(t, "first")
			a = netip.AddrFrom4(b)
		}
		inside := !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() || a.IsMulticast() || a.IsUnspecified()
		if inside && Public(a) {
			t.Fatalf("%v is public", a)
		}
	})
}

func TestAHostIsOnTheListByWholeLabels(t *testing.T) {
	list := []string{"twilio.com", ".Viber.com.", ""}
	for host, want := range map[string]bool{
		"twilio.com": true, "api.twilio.com": true, "a.b.twilio.com": true, "dl.viber.com": true, "viber.com": true,
		"eviltwilio.com": false, "twilio.com.evil.org": false, "com": false, "": false, ".": false, "xviber.com": false,
	} {
		if got := onList(host, list); got != want {
			t.Errorf("onList(%q) = %v", host, got)
		}
	}
}
