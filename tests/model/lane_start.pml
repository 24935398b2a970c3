/*
 * How a lane that starts finds the end of `orders`: which offset it asks for, and what it waits for. Offsets are modelled one
 * by one here, with the markers that end a transaction: a marker takes an offset and is never delivered to anybody.
 *
 * Promise: what the lane decides next is the first intent that no committed record covers; and a start comes to its end.
 *
 * Each of these must be found when it is compiled in (-D):
 *   END_BEFORE_INIT   ask for the end before init_transactions
 *   ANY_EOF           take the first end that the reader announces, also one below the end that was asked for
 *   WAIT_FOR_LAST     wait until the record at end - 1 is delivered
 *   COMMITTED_END     ask for the end of what is committed, before init_transactions has resolved the open transaction
 */
#define OFFSETS 9
#define OLD_TRANSACTIONS 2

#define RECORD 1
#define MARKER 2

#define OPEN 0
#define COMMITTED 1
#define ABORTED 2

byte kind[OFFSETS];
byte intent_of[OFFSETS];
byte fate[OFFSETS];
byte high_watermark = 0;
byte covered = 0;       /* intents 0 .. covered-1 have a committed record */
bool fenced = false;    /* the old owner, by the new one's init_transactions */
bool ongoing = false;
bool prepared = false;  /* the coordinator has said yes to the commit, the marker is not in the partition yet */

chan announced = [3] of { byte, byte } /* end of partition that the reader met, and what it was delivered up to there */

inline last_stable(into) {
  into = 0;
  do
  :: into < high_watermark && !(kind[into] == RECORD && fate[into] == OPEN) -> into++
  :: else -> break
  od
}

inline write_marker(how) {
  i = 0;
  do
  :: i < high_watermark ->
     if
     :: kind[i] == RECORD && fate[i] == OPEN -> fate[i] = how; if :: how == COMMITTED -> covered++ :: else fi
     :: else
     fi;
     i++
  :: else -> break
  od;
  kind[high_watermark] = MARKER;
  high_watermark++;
  ongoing = false;
  prepared = false;
  i = 0
}

/* The owner before us: may stop anywhere, and is fenced at some moment. */
active proctype old_owner() {
  byte i, transactions;
  do
  :: transactions < OLD_TRANSACTIONS ->
     transactions++;
     atomic {
       if :: fenced -> goto gone :: else fi;
       ongoing = true;
       kind[high_watermark] = RECORD; intent_of[high_watermark] = covered; fate[high_watermark] = OPEN; high_watermark++
     }
     if :: true :: goto gone fi;
     atomic { if :: fenced -> goto gone :: ongoing && !prepared -> prepared = true :: else -> goto gone fi }
     atomic { !prepared } /* its next transaction begins when this one is complete */
  :: break
  od;
gone:
  skip
}

active proctype coordinator() {
  byte i;
end_coordinator:
  do
  :: atomic { prepared -> write_marker(COMMITTED) }
  od
}

/* The reader under us: fetches when it likes, wherever there is news, and what it announces may be old by the time we look. */
active proctype reader() {
  byte stable, next, i;
  byte seen = OFFSETS; /* high watermark at the last fetch: every change of the log, markers too, moves it */
end_reader:
  do
  :: atomic {
      nfull(announced) && seen != high_watermark ->
      seen = high_watermark;
      last_stable(stable);
      next = 0;
      i = 0;
      do
      :: i < stable -> if :: kind[i] == RECORD && fate[i] == COMMITTED -> next = intent_of[i] + 1 :: else fi; i++
      :: else -> break
      od;
      announced ! stable, next;
      stable = 0; next = 0; i = 0
    }
  od
}

active proctype lane() {
  byte end, at, next, i;
#ifdef END_BEFORE_INIT
  end = high_watermark;
#endif
#ifdef COMMITTED_END
  atomic { last_stable(end) }
#endif
  /* init_transactions returns when the transaction that it found is resolved: as prepared, or by an abort */
  atomic { fenced = true; if :: ongoing && !prepared -> write_marker(ABORTED) :: else fi }
  atomic { !prepared }
#ifndef END_BEFORE_INIT
#ifndef COMMITTED_END
  end = high_watermark;
#endif
#endif
  do
  :: announced ? at, next ->
     if
#ifdef ANY_EOF
     :: true -> break
#endif
#ifdef WAIT_FOR_LAST
     :: end == 0 -> break
     :: end > 0 && kind[end - 1] == RECORD && at >= end -> break
     :: else
#else
     :: at >= end -> break
     :: else
#endif
     fi
  od;
  assert(next == covered)
}
