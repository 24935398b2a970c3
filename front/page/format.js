// Numbers and times as people of a language write them.

export function money(amountMinor, currency, language) {
  const format = new Intl.NumberFormat(language, { style: "currency", currency, currencyDisplay: "narrowSymbol" });
  return format.format(amountMinor / 10 ** format.resolvedOptions().maximumFractionDigits);
}

export function timeOfDay(moment, language) {
  return new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(moment);
}

// With the day where that is not today.
export function timeAndDay(moment, now, language) {
  const day = (time) => new Date(time).toDateString();
  if (day(moment) === day(now)) return timeOfDay(moment, language);
  const format = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  return new Intl.DateTimeFormat(language, format).format(moment);
}

// The end of something that began then: the day is clear where it is less than one away.
export function timeAfter(begin, end, language) {
  return end - begin < 86_400_000 ? timeOfDay(end, language) : timeAndDay(end, begin, language);
}

// Time that is left, as [days, "hh", "mm", "ss"]. The last second is shown until it is over.
export function timeLeft(ms) {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (number) => String(number).padStart(2, "0");
  return [Math.floor(seconds / 86_400), two(Math.floor(seconds / 3600) % 24), two(Math.floor(seconds / 60) % 60), two(seconds % 60)];
}

export function shortTimeLeft(ms) {
  const [days, hours, minutes, seconds] = timeLeft(ms);
  return days || hours !== "00" ? `${days * 24 + Number(hours)}:${minutes}:${seconds}` : `${minutes}:${seconds}`;
}

// A span as [number, "second" | "minute" | "hour"], rounded up: nobody is promised less time than they wait.
export function span(seconds) {
  if (seconds < 120) return [Math.ceil(seconds), "second"];
  if (seconds < 7200) return [Math.ceil(seconds / 60), "minute"];
  return [Math.ceil(seconds / 3600), "hour"];
}
