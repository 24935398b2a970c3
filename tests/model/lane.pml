/*
 * One partition's lane: two owners of its transactional id crash, fence each other and meet late EndTxn (KAFKA-17754).
 *
 * Promise: the committed records of `orders` cover the intents 0, 1, 2, ... without gap, repetition or disorder at every
 * moment (I3, I5); what is told to buyers is among them; and when faults end, nothing stays open.
 *
 * The broker is Kafka's transaction coordinator and one partition, as far as a producer of the older protocol sees them: an
 * EndTxn names a producer epoch, not a transaction, so one that comes late ends whatever transaction of that epoch is open.
 *
 * Each of these must be found when it is compiled in (-D):
 *   ABORT_AND_GO_ON  after a commit that timed out: abort, and continue with the same producer
 *   BELIEVE_COMMIT   take a commit that timed out for done
 *   START_FROM_STORE start where the local store ends, not where the log does
 *   END_BEFORE_INIT  ask for the end of `orders` before init_transactions
 *   NO_VERIFY        a broker older than 3.6: a produce need not belong to a transaction that is open
 */
#ifndef INTENTS
#define INTENTS 3
#endif
#ifndef STARTS
#define STARTS 4 /* lane starts of both owners together; then faults end */
#endif
#define RECORDS 16 /* in the log, aborted ones too */
#define EPOCHS (STARTS + 1)

#define OPEN 0
#define COMMITTED 1
#define ABORTED 2

byte intent_of[RECORDS];
byte fate[RECORDS];
byte end = 0;           /* high watermark */
byte epoch = 0;         /* the newest of the producer id */
bool ongoing = false;   /* the coordinator knows of an open transaction */
bool late_commit[EPOCHS]; /* an EndTxn of that epoch still under way */
bool late_abort[EPOCHS];
byte starts = 0;

/* A committed record must be the next intent; what is committed is whatever a reader of read_committed is given. */
inline check_history() {
  c_i = 0;
  c_next = 0;
  do
  :: c_i < end && fate[c_i] == COMMITTED -> assert(intent_of[c_i] == c_next); c_next++; c_i++
  :: c_i < end && fate[c_i] == ABORTED -> c_i++
  :: c_i < end && fate[c_i] == OPEN -> break /* the last stable offset: nobody is given more */
  :: c_i >= end -> break
  od;
  c_i = 0;
  c_next = 0
}

/* What an owner writes to its store and to Redis, and so tells buyers, must be history. */
inline check_published() {
  c_i = 0;
  c_next = 0;
  do
  :: c_i < end -> if :: fate[c_i] == COMMITTED -> c_next++ :: else fi; c_i++
  :: else -> break
  od;
  assert(c_next >= next);
  c_i = 0;
  c_next = 0
}

inline end_transaction(how) {
  c_i = 0;
  do
  :: c_i < end -> if :: fate[c_i] == OPEN -> fate[c_i] = how :: else fi; c_i++
  :: else -> break
  od;
  ongoing = false;
  check_history()
}

/* What was sent and not yet delivered can come at any time, or never. */
active proctype network() {
  byte e, c_i, c_next;
end_network:
  do
  :: atomic {
      select(e : 0 .. EPOCHS - 1);
      if
      :: late_commit[e] -> late_commit[e] = false; if :: e == epoch && ongoing -> end_transaction(COMMITTED) :: else fi
      :: late_abort[e] -> late_abort[e] = false; if :: e == epoch && ongoing -> end_transaction(ABORTED) :: else fi
      :: else
      fi;
      e = 0; c_i = 0; c_next = 0
    }
  od
}

/* Reads `orders`, read_committed, to an end announced at or beyond `goal`: how far depends on when the broker answered. */
inline redo() {
  atomic {
    c_i = 0;
    next = 0;
    do
    :: c_i < end && fate[c_i] == COMMITTED && (c_i < goal || more) -> next = intent_of[c_i] + 1; c_i++
    :: c_i < end && fate[c_i] == ABORTED -> c_i++
    :: c_i < end && c_i >= goal -> break /* it may have ended here */
    :: c_i >= end -> break
    :: c_i < end && c_i < goal && fate[c_i] == OPEN -> behind = true; break
    od;
    c_i = 0
  }
}

proctype owner() {
  byte mine, goal, next, stored, batch, sent, c_i, c_next;
  bool behind, more;

start:
  atomic {
    mine = 0; goal = 0; next = 0; batch = 0; sent = 0; behind = false; more = false;
    if
    :: starts < STARTS -> starts++
    :: else -> goto gone
    fi
  }
#ifdef END_BEFORE_INIT
  goal = end;
#endif
  atomic { /* init_transactions: fences, and resolves what is open, before it returns */
    epoch++;
    mine = epoch;
    if :: ongoing -> end_transaction(ABORTED) :: else fi
  }
#ifndef END_BEFORE_INIT
  goal = end;
#endif
  if :: more = true :: more = false fi;
  redo();
  if
  :: behind -> goto start /* a newer owner's transaction is open: we are fenced */
  :: else
  fi;
#ifdef START_FROM_STORE
  next = stored;
#endif
  stored = next;

cycle:
  if
  :: next >= INTENTS -> goto done
  :: else
  fi;
  sent = 0;
  if :: batch = 1 :: next + 1 < INTENTS -> batch = 2 fi;
  atomic { /* the first produce of a transaction makes the partition part of it */
    if
    :: epoch != mine -> goto start
    :: else -> ongoing = true
    fi
  }
produce:
  do
  :: sent < batch ->
     if /* crash, or a produce that fails or times out */
     :: starts < STARTS -> goto start
     :: true
     fi;
     atomic {
       if
       :: epoch != mine -> goto start
#ifndef NO_VERIFY
       :: epoch == mine && !ongoing -> goto start /* somebody's late EndTxn ended it */
#endif
       :: else -> intent_of[end] = next + sent; fate[end] = OPEN; end++; sent++
       fi
     }
  :: else -> break
  od;
  /* commit: an EndTxn of our epoch, sent again by the client library where the connection broke */
  if
  :: atomic { epoch != mine -> goto start }
  :: atomic { epoch == mine && ongoing -> end_transaction(COMMITTED) }
  :: atomic { epoch == mine && !ongoing } /* ended before: the coordinator says yes again */
  :: atomic { /* and a copy of it is late */
     epoch == mine && ongoing && starts < STARTS -> end_transaction(COMMITTED); late_commit[mine] = true
     }
  :: atomic { /* the answer is lost */
     epoch == mine && ongoing && starts < STARTS -> end_transaction(COMMITTED); goto doubt
     }
  :: atomic { starts < STARTS -> late_commit[mine] = true; goto doubt } /* it is itself late */
  :: atomic { starts < STARTS -> goto doubt } /* it is lost */
  fi;
committed:
  atomic {
    next = next + batch;
    stored = next; /* RocksDB and Redis: only after the commit */
    check_published();
    goto cycle
  }

doubt:
#ifdef BELIEVE_COMMIT
  goto committed;
#endif
#ifdef ABORT_AND_GO_ON
  if
  :: atomic { epoch == mine -> if :: ongoing -> end_transaction(ABORTED) :: else fi }
  :: atomic { epoch == mine -> late_abort[mine] = true }
  :: atomic { epoch != mine -> goto start }
  fi;
  goto cycle;
#endif
  goto start;

done:
  /* An owner whose last intents are covered has nothing left to do, unless it was wrong about that. */
  skip;
gone:
  skip
}

/* After the last fault one owner runs undisturbed: it must get to the end. */
init {
  byte c_i, c_next;
  atomic { run owner(); run owner() }
  _nr_pr == 2; /* this process and the network */
  atomic { /* the last start: nothing else can fail any more */
    epoch++;
    if :: ongoing -> end_transaction(ABORTED) :: else fi;
    check_history();
    c_i = 0;
    do
    :: c_i < end -> assert(fate[c_i] != OPEN); c_i++ /* else nobody would ever be given what comes after it */
    :: else -> break
    od;
    c_i = 0
  }
}
