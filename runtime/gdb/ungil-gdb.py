"""ungil-gdb.py - what gdb does not know of a program that runs on libungil.

A reference is no address: each thread's own version of an object is at reference + base of its segment.
So `print *node` fails, or, for a variable with static storage, shows nothing of what the thread sees.  With
this file loaded:

    print *$stm(node)           node as the selected thread sees it; $stm(p, 2): as segment 2 does
    stm print EXPR              the same for a pointer, or for an lvalue in transactional storage
    stm object REF              type, size, whose view has it marked read (R) or written (W)
    stm threads, stm segments   who runs what
    stm log                     the commit log: who wrote what

Load it with `gdb -x FILE` or `source FILE`.  It only reads memory, so it works on core files too, as far as
they have the heap.
STMGC c7 had the like: gc(pointer) and psegment(thread)."""

import gdb

HEAP_BASE, HEAP_MAX, LARGE = 0x300000000000, 0x10000000000, 0xFFFFFFFF


class Missing(gdb.GdbError):
    pass


def glob(name):
    """A variable of the runtime."""
    symbol = gdb.lookup_global_symbol(name)
    if symbol is None:
        raise Missing("no %s: is this a program with libungil, and is it running?" % name)
    return symbol.value()


def views():
    """False in the gil variant, where references are addresses."""
    return int(glob("stmi_gdb")["views"]) != 0


def threads():
    t = glob("stmi_world")["threads"]
    while int(t):
        yield t
        t = t["next"]


def current():
    """The runtime's record of the selected thread: pthread_self() is the thread pointer."""
    try:
        me = int(gdb.parse_and_eval("$fs_base"))
    except gdb.error:
        return None
    for t in threads():
        if int(t["id"]) == me:
            return t
    return None


def segments():
    segs = glob("stmi_segs")
    for i in range(1, int(glob("stmi_nseg")) + 1):
        yield segs[i]


def base_of(number=None):
    """What is to be added to references: of a segment, or of the selected thread's."""
    if not views():
        return 0
    if number is not None:
        for s in segments():
            if int(s["id"]) == number:
                return int(s["base"])
        raise gdb.GdbError("there is no segment %d" % number)
    t = current()
    if t is None:
        raise gdb.GdbError("the selected thread is none of the runtime's; name a segment: $stm(p, 1)")
    if not int(t["seg"]):
        raise gdb.GdbError("the selected thread is outside the zone; name a segment: $stm(p, 1)")
    return int(t["seg"]["base"])


def static_of(address):
    """The registered static that has the address, or None."""
    table, n = glob("stmi_statics"), int(glob("stmi_nstatics"))
    for i in range(n):
        s = table[i]
        if int(s["addr"]) <= address < int(s["addr"]) + int(s["size"]):
            return s
    return None


def is_reference(address):
    return HEAP_BASE <= address < HEAP_BASE + HEAP_MAX or static_of(address) is not None


def seen(pointer, number=None):
    """A pointer to where the object is in that view."""
    address = int(pointer) & (1 << 64) - 1
    if not is_reference(address):
        return pointer
    return gdb.Value(address + base_of(number)).cast(pointer.type)


def read(address, type_name):
    return gdb.Value(address).cast(gdb.lookup_type(type_name).pointer()).dereference()


def marked(segment, reference, write):
    displacement = int(glob("stmi_gdb")["w_disp" if write else "r_disp"])
    at = (reference >> 4) * 2 + int(segment["base"]) + displacement
    return int(segment["in_tx"]) and int(read(at, "unsigned short")) == int(segment["version"])


def fresh_start(reference):
    """Fresh objects get their start bits late, but they tile the runs in which their transaction
    allocates."""
    for s in segments():
        for i in range(int(s["runs"]["n"])):
            r = s["runs"]["at"][i]
            at, top = int(r["lo"]), int(r["top"])
            if i == int(s["runs"]["n"]) - 1 and int(s["holder"]):
                top = max(top, int(s["holder"]["self"]["alloc"]))
            if not at <= reference < top:
                continue
            while at < top:
                size = int(read(at + int(s["base"]), "struct stm_header")["nbytes"])
                following = at + (size + 8 + 15 & ~15)
                if reference < following:
                    return at + 8
                at = following
    return None


def start_of(reference):
    """The start of the object that the reference points into; or None."""
    fresh = fresh_start(reference)
    if fresh is not None:
        return fresh
    heap = glob("stmi_heap")
    if int(heap["lo"]) <= reference < int(heap["small_top"]):
        bits = heap["start"].cast(gdb.lookup_type("unsigned long").pointer())
        granule = (reference - HEAP_BASE) // 16
        for g in range(granule, max(granule - 2048, 0), -1):
            if int(bits[g // 64]) >> (g % 64) & 1:
                return HEAP_BASE + g * 16
        return None
    table = glob("stmi_large")
    for i in range(int(glob("stmi_nlarge"))):
        first = int(table[i]["ref"])
        if first and first <= reference < first + int(table[i]["nbytes"]):
            return int(table[i]["ref"])
    return None


def a_view(reference):
    """The base of a view that has the object: the selected thread's, or any that is not stale."""
    try:
        return base_of()
    except gdb.GdbError:
        for s in segments():
            if not int(s["stale"]):
                return int(s["base"])
        return 0


class Stm(gdb.Function):
    """$stm(POINTER [, SEGMENT]): the pointer into the selected thread's view, or that segment's."""

    def __init__(self):
        super().__init__("stm")

    def invoke(self, pointer, segment=None):
        return seen(pointer, None if segment is None else int(segment))


class Prefix(gdb.Command):
    """What a libungil program is doing."""

    def __init__(self):
        super().__init__("stm", gdb.COMMAND_DATA, gdb.COMPLETE_NONE, True)


class Print(gdb.Command):
    """stm print EXPR: what EXPR points to, or EXPR itself if it is in transactional storage, as the selected
    thread sees it."""

    def __init__(self):
        super().__init__("stm print", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        value = gdb.parse_and_eval(argument)
        if value.address is not None and is_reference(int(value.address)):
            value = seen(value.address).dereference()
        if value.type.strip_typedefs().code == gdb.TYPE_CODE_PTR:
            if not int(value):
                print("(null)")
                return
            target = seen(value)
            print("(%s) %#x: %s" % (value.type, int(value), target.dereference()))
        else:
            print(value)


class Object(gdb.Command):
    """stm object REF: the object that REF points into."""

    def __init__(self):
        super().__init__("stm object", gdb.COMMAND_DATA, gdb.COMPLETE_EXPRESSION)

    def invoke(self, argument, from_tty):
        reference = int(gdb.parse_and_eval(argument).cast(gdb.lookup_type("unsigned long")))
        static = static_of(reference)
        if static is not None:
            owner = int(static["addr"])
            print("static %s, %d bytes, at %#x" % (static["name"].string(), int(static["size"]), owner))
            kind = static["type"]
        else:
            if not is_reference(reference):
                raise gdb.GdbError("%#x is no reference" % reference)
            owner = start_of(reference)
            if owner is None:
                raise gdb.GdbError("%#x points into no object" % reference)
            head = read(a_view(reference) + owner - 8, "struct stm_header")
            kind = glob("stmi_types")[int(head["type_id"])]
            size = int(head["nbytes"])
            print("%s, %s, at %#x" % (kind["name"].string() or "unnamed type",
                                      "large" if size == LARGE else "%d bytes" % size, owner))
        if int(kind) and int(kind["fields"]):
            print("fields: %s" % kind["fields"].string())
        for s in segments() if views() else ():
            marks = "".join(c for c, w in (("R", 0), ("W", 1))
                            if marked(s, owner, w) or marked(s, reference, w))
            if marks:
                print("segment %d: %s, by thread %d" % (int(s["id"]), marks, int(s["holder"]["number"])))
        self.contents(owner, kind)

    @staticmethod
    def contents(owner, kind):
        try:
            found = gdb.lookup_type(kind["name"].string()) if int(kind) else None
        except gdb.error:
            return
        if found is not None:
            print(gdb.Value(owner + (a_view(owner) if views() else 0)).cast(found.pointer()).dereference())


class Threads(gdb.Command):
    """stm threads: each thread of the runtime, its transaction, its segment."""

    def __init__(self):
        super().__init__("stm threads", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        me = current()
        for t in threads():
            words = [str(t["state"]).replace("STMI_", "").lower()]
            if int(t["seg"]):
                words.append("segment %d" % int(t["seg"]["id"]))
                if int(t["seg"]["in_tx"]):
                    words.append("in transaction")
                if int(t["self"]["inevitable"]):
                    words.append("inevitable")
                if int(t["self"]["atomic_depth"]):
                    words.append("STM_ATOMIC")
            if int(t["retries"]):
                words.append("aborted %d times" % int(t["retries"]))
            words.append("%d commits" % int(t["stats"]["commits"]))
            site = int(t["site"])
            where = gdb.find_pc_line(site - 1) if site else None
            if where is not None and where.symtab is not None:
                words.append("last safepoint or the like at %s:%d" % (where.symtab.filename, where.line))
            mine = me is not None and int(me) == int(t)
            print("%s thread %d: %s" % ("*" if mine else " ", int(t["number"]), ", ".join(words)))


class Segments(gdb.Command):
    """stm segments: each segment's view and transaction."""

    def __init__(self):
        super().__init__("stm segments", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        for s in segments():
            holder = "thread %d" % int(s["holder"]["number"]) if int(s["holder"]) else "free"
            words = ["base %#x" % int(s["base"]), holder]
            if int(s["in_tx"]):
                words.append("transaction %d: %d units written" % (int(s["version"]), int(s["units"]["n"])))
            if int(s["stale"]):
                words.append("stale")
            print("segment %d: %s" % (int(s["id"]), ", ".join(words)))


class Log(gdb.Command):
    """stm log: the entries of the commit log that some segment has not applied."""

    def __init__(self):
        super().__init__("stm log", gdb.COMMAND_STATUS)

    def invoke(self, argument, from_tty):
        if not views():
            print("there is no log under one lock")
            return
        live = [s for s in segments() if not int(s["stale"]) and int(s["last"])]
        if not live:
            print("empty")
            return
        entry, n = min((s["last"] for s in live), key=lambda e: int(e["seq"])), 0
        while n < 100:
            at = ["segment %d" % int(s["id"]) for s in live if int(s["last"]) == int(entry)]
            if n or at:
                print("%d: %d units, %d ranges of new objects%s" % (
                    int(entry["seq"]), int(entry["nmod"]), int(entry["nnew"]),
                    "  <- " + ", ".join(at) if at else ""))
            following = int(entry["next"])
            if following in (0, 1):
                if following:
                    print("blocked by an inevitable transaction")
                break
            entry, n = gdb.Value(following).cast(entry.type), n + 1


for thing in (Stm, Prefix, Print, Object, Threads, Segments, Log):
    thing()
