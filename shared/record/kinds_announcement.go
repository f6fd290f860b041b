package record

import (
	"github.com/okence/okence/shared/domain/announcement"
	"github.com/okence/okence/shared/store"
)

// Announcements are what partners were told, or are to be: maintenance, terms,
// force majeure. The letters are found by their id (Notices, ByNode).
var Announcements = Define[announcement.Announcement](announcement.RecordKind, 1, Indexed(announcementIndex),
	EndsBy[announcement.Announcement]("nobody: it names no person; kept as evidence"))

func announcementIndex(a *announcement.Announcement) []store.Entry {
	return []store.Entry{{Index: ByTime, Partition: announcement.RecordKind, Sort: Sortable(a.DraftedAt)}}
}
