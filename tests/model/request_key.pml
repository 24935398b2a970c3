/*
 * A buyer who repeats a request whose end he does not know, through two ingests that remember and forget, and a ledger that
 * keeps the keys of what it accepted for ever, and the keys of what it refused in a window.
 *
 * One unit of stock, a rival who holds it at the start and may give it back: so the same request can be refused at one moment
 * and accepted at another. What the buyer gets may come back as well, when its hold is over: so a key could buy again.
 *
 * The window ends after a count of refusals or a span of log time, whichever is first. Here a refused key may be forgotten by
 * any intent from WINDOW ticks after its refusal on; a repetition does not renew it.
 *
 * Promise: one request key is accepted at most once, ever; within the window it is not ruled on anew (I3, I4). Who repeats for
 * RETRY_TIME gets one answer, whichever way he asks, and if that is a refusal, no order. Who repeats for longer may be told
 * "accepted" after "refused", never the other way round.
 *
 * That takes a WINDOW longer than RETRY_TIME and APPEND_TIME together, and a front that sends a buyer to the same ingest: here
 * it sends him where it likes within RETRY_TIME, and afterwards to another ingest only if that remembers nothing of him.
 *
 * Each of these must be found when it is compiled in (-D):
 *   NO_KEYS            the ledger does not remember the keys of accepted purchases
 *   FORGETS_ACCEPTED   the window is for accepted purchases, too
 *   FORGETS_REFUSALS   the ledger does not remember the keys of refused ones
 *   SHORT_WINDOW       the window is as long as a buyer repeats and an append is under way, and no longer
 *   COMES_BACK         the front may always send a buyer back to an ingest that still remembers his refusal
 *   TIMEOUT_IS_FAILURE an ingest takes an append that timed out for one that failed, and says so
 *   GUESSES_OFFSET     an acknowledgement of a repeated batch carries no offset, and the ingest takes the end of the log for it
 */
#define TRIES 3
#define LOG (TRIES + 2) /* others append two at most */
#define TICKS (2 * WINDOW)

#define RETRY_TIME 1
#define APPEND_TIME 1 /* ticks after which an append is in the log at the latest, if it ever comes: `time` waits for it */
#ifdef SHORT_WINDOW
#define WINDOW (RETRY_TIME + APPEND_TIME)
#else
#define WINDOW (RETRY_TIME + APPEND_TIME + 1)
#endif

#ifdef COMES_BACK
#define MAY_MOVE true
#else
#define MAY_MOVE (in_time || remembered[1 - ingest] == 0)
#endif

#define IS_OVER(since) (since < LOG && log_time[decided] - log_time[since] >= WINDOW)

#define BUY 1
#define GIVE_BACK 2 /* the unit of the rival, or of an order of ours whose hold is over */

#define NOTHING 0
#define ACCEPTED 1 /* or a duplicate of what was accepted */
#define REFUSED 2

byte log_kind[LOG];
byte log_time[LOG];
byte log_verdict[LOG];
byte end = 0;
byte decided = 0;
byte now = 0;           /* in ticks, from the first request on */
byte stock = 0;
byte accepted_at = LOG; /* offset of the accepted purchase of our key, as the ledger remembers it */
byte refused_at = LOG;  /* the same of the refused one, while the window has it */
byte refusal = LOG;     /* and the same for ever: for the promise alone */
byte orders = 0;        /* that our key has led to */
byte late = 0;          /* appends of this tick under way whose ingest has given up on them */
byte later = 0;         /* those of the tick before */
byte remembered[2];     /* by ingest: offset + 1 of the ticket that it has for the key, 0 if none */
bool asked = false;
bool others_done = false;

inline append(what) {
  log_kind[end] = what;
  log_time[end] = now;
  end++
}

active proctype time() {
end_time:
  do
  :: atomic { asked && now < TICKS && later == 0 -> now++; later = late; late = 0 }
  od
}

active proctype others() {
  if
  :: atomic { append(GIVE_BACK) }
  :: goto done
  fi;
  if
  :: atomic { orders > 0 -> append(GIVE_BACK) }
  :: true
  fi;
done:
  others_done = true
}

active proctype late_appends() {
end_late:
  do
  :: atomic { late > 0 -> late--; append(BUY) }
  :: atomic { later > 0 -> later--; append(BUY) }
  :: atomic { late > 0 -> late-- } /* it never arrived */
  :: atomic { later > 0 -> later-- }
  od
}

active proctype ledger() {
end_ledger:
  do
  :: atomic {
      decided < end ->
      if
      :: IS_OVER(refused_at) -> refused_at = LOG
#ifdef FORGETS_ACCEPTED
      :: IS_OVER(accepted_at) -> accepted_at = LOG
#endif
      :: true
      fi;
      if
      :: log_kind[decided] == GIVE_BACK -> stock++; log_verdict[decided] = ACCEPTED
#ifndef NO_KEYS
      :: log_kind[decided] == BUY && accepted_at < LOG -> log_verdict[decided] = ACCEPTED
#endif
#ifndef FORGETS_REFUSALS
      :: log_kind[decided] == BUY && refused_at < LOG -> log_verdict[decided] = REFUSED
#endif
      :: else ->
         assert(refusal == LOG || log_time[decided] - log_time[refusal] >= WINDOW);
         if
         :: stock > 0 -> stock--; orders++; accepted_at = decided; log_verdict[decided] = ACCEPTED
         :: else -> refused_at = decided; refusal = decided; log_verdict[decided] = REFUSED
         fi
      fi;
      decided++;
      assert(orders <= 1)
    }
  od
}

/* An ingest may have been restarted, or have remembered for long enough, by the time it is asked. */
inline forget(by) {
  if
  :: remembered[by] > 0 -> remembered[by] = 0
  :: true
  fi
}

active proctype buyer() {
  byte tries, ingest, ticket, verdict, told, told_last;
  bool in_time;
  do
  :: atomic {
      tries < TRIES ->
      tries++;
      asked = true;
      in_time = (now <= RETRY_TIME);
      ticket = LOG;
      told_last = NOTHING;
      forget(0);
      forget(1);
      if
      :: true
      :: MAY_MOVE -> ingest = 1 - ingest
      fi;
      if
      :: remembered[ingest] > 0 -> ticket = remembered[ingest] - 1
      :: remembered[ingest] == 0 -> ticket = end; append(BUY); remembered[ingest] = end
      :: remembered[ingest] == 0 -> append(BUY) /* written; the acknowledgement is lost, or has no offset: unknown */
      :: remembered[ingest] == 0 -> late++ /* nobody knows */
      fi
     };
#ifdef GUESSES_OFFSET
     if :: ticket == LOG && end > 0 -> ticket = end - 1 :: true fi;
#endif
     if
     :: atomic {
         ticket < LOG && decided > ticket ->
         verdict = log_verdict[ticket];
         assert(told == NOTHING || told == verdict || (told == REFUSED && !in_time));
         assert(verdict != ACCEPTED || orders == 1);
         told = verdict;
         told_last = verdict;
         verdict = NOTHING
        }
     :: ticket < LOG /* gives up waiting */
     :: ticket == LOG ->
#ifdef TIMEOUT_IS_FAILURE
        told_last = REFUSED; break
#else
        skip /* 503: not known, ask again with the same key */
#endif
     fi
  :: break
  od;
  /* When all is quiet, whoever was told that nothing happened, and left it at that, must have nothing. */
  atomic {
    others_done && late + later == 0 && decided == end -> assert(!(told_last == REFUSED && in_time && orders > 0))
  }
}
