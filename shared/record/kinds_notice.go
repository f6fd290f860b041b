package record

import (
	"github.com/okence/okence/shared/domain/notice"
	"github.com/okence/okence/shared/store"
)

// Notices are the letters that were sent because a rule asks for them. What is
// about a record is found by its id (ByNode).
var Notices = Define[notice.Notice]("notice", 1, Indexed(noticeIndex),
	Under[notice.Notice]("conversation", ByConversation), GoesWith[notice.Notice]("its conversation"))

func noticeIndex(n *notice.Notice) []store.Entry {
	at := Sortable(n.QueuedAt)
	return []store.Entry{
		{Index: ByConversation, Partition: n.ConversationID, Sort: at},
		{Index: ByNode, Partition: n.About.ID, Sort: at},
	}
}
