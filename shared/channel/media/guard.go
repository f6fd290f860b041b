package media

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/okence/okence/shared/fault"
)

// Resolver tells the addresses of a host. It is asked once for each connection.
type Resolver func(ctx context.Context, host string) ([]netip.Addr, error)

// refused is what is not on the public internet: the IANA special-purpose
// registries for IPv4 and, inside 2000::/3, for IPv6 (RFC 6890 and its
// successors), and the metadata services that stand on public addresses.
// Outside 2000::/3 no IPv6 address is public: that alone refuses ::1,
// IPv4-mapped, NAT64 (64:ff9b::/96 and /48), unique local, link-local and
// multicast.
var refused = prefixes(
	"0.0.0.0/8",        // this network (RFC 791)
	"10.0.0.0/8",       // private (RFC 1918)
	"100.64.0.0/10",    // carrier-grade NAT (RFC 6598); 100.100.100.200 is Alibaba's metadata
	"127.0.0.0/8",      // loopback
	"168.63.129.16/32", // Azure's host agent
	"169.254.0.0/16",   // link-local (RFC 3927); 169.254.169.254 is most clouds' metadata
	"172.16.0.0/12",    // private
	"192.0.0.0/24",     // protocol assignments (RFC 6890); 192.0.0.192 is Oracle's metadata
	"192.0.2.0/24",     // documentation (RFC 5737)
	"192.88.99.0/24",   // 6to4 relays (RFC 7526)
	"192.168.0.0/16",   // private
	"198.18.0.0/15",    // benchmarks (RFC 2544)
	"198.51.100.0/24",  // documentation
	"203.0.113.0/24",   // documentation
	"224.0.0.0/4",      // multicast
	"240.0.0.0/4",      // reserved, and broadcast
	"2001::/23",        // protocol assignments, Teredo among them (RFC 2928)
	"2001:db8::/32",    // documentation (RFC 3849)
	"2002::/16",        // 6to4: an IPv4 address in disguise
	"3fff::/20",        // documentation (RFC 9637)
)

var global6 = netip.MustParsePrefix("2000::/3")

func prefixes(texts ...string) []netip.Prefix {
	out := make([]netip.Prefix, len(texts))
	for i, t := range texts {
		out[i] = netip.MustParsePrefix(t)
	}
	return out
}

// Public reports whether a is an address of the public internet that a file
// may be fetched from. An IPv4-mapped address never is: it is to be unmapped
// first, or it came from somebody who hoped that nobody would.
func Public(a netip.Addr) bool {
	if !a.IsValid() || (a.Is6() && !global6.Contains(a)) {
		return false
	}
	for _, p := range refused {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// system asks the system's resolver. It writes the answer to an A question as
// IPv4-mapped at times, so here, and only here, such an address is unmapped,
// and then judged as the IPv4 address that the connection would go to.
func system(ctx context.Context, host string) ([]netip.Addr, error) {
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", host)
	for i := range addrs {
		addrs[i] = addrs[i].Unmap()
	}
	return addrs, err
}

// dialTimeout is for one address: another may answer where it doesn't.
const dialTimeout = 10 * time.Second

// hop is one request that may be made: where to, and what it may carry.
type hop struct {
	url     *url.URL
	local   bool // a test server: only loopback addresses will do
	trusted bool // credentials may go there
}

// check decides whether a link may be followed at all.
func (f *Fetcher) check(h Hosts, u *url.URL) (hop, error) {
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	trusted := onList(host, h.Trusted)
	switch {
	case host == "" || u.Opaque != "":
		return hop{}, fault.New(fault.Invalid, "media: the link has no host")
	case u.User != nil:
		return hop{}, fault.New(fault.Forbidden, "media: the link holds credentials of its own")
	case !trusted && !onList(host, h.Plain):
		return hop{}, fault.New(fault.Forbidden, "media: the host is not on the provider's list")
	}
	public := u.Scheme == "https" && (u.Port() == "" || u.Port() == "443")
	local := !public && f.options.Loopback && (u.Scheme == "https" || u.Scheme == "http")
	if !public && !local {
		return hop{}, fault.New(fault.Forbidden, "media: only https on its own port")
	}
	c := *u
	c.Fragment, c.RawFragment = "", ""
	return hop{url: &c, local: local, trusted: trusted}, nil
}

// dial resolves once, refuses if a single address is not to be reached, and
// connects to those addresses and no others.
func (f *Fetcher) dial(ctx context.Context, network, hostport string, local bool) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return nil, fault.New(fault.Invalid, "media: the link has no port")
	}
	addrs := []netip.Addr{}
	if literal, err := netip.ParseAddr(host); err == nil {
		addrs = append(addrs, literal)
	} else if addrs, err = f.options.Resolver(ctx, host); err != nil || len(addrs) == 0 {
		return nil, fault.New(fault.Unavailable, "media: the host has no address now")
	}
	for _, a := range addrs {
		if !reachable(a, local) {
			return nil, fault.New(fault.Forbidden, "media: the host has an address that is not public")
		}
	}
	// The socket is asked again, for whatever stands between here and there.
	d := net.Dialer{Timeout: dialTimeout, Control: func(_, address string, _ syscall.RawConn) error {
		ap, err := netip.ParseAddrPort(address)
		if err != nil || !reachable(ap.Addr(), local) {
			return fault.New(fault.Forbidden, "media: the socket was led to an address that is not public")
		}
		return nil
	}}
	for _, a := range addrs {
		var conn net.Conn
		if conn, err = d.DialContext(ctx, network, net.JoinHostPort(a.String(), port)); err == nil {
			return conn, nil
		}
		if ctx.Err() != nil {
			break
		}
	}
	return nil, broken(err, "media: no connection")
}

func reachable(a netip.Addr, local bool) bool {
	if local {
		return a.IsLoopback() && !a.Is4In6()
	}
	return Public(a)
}
