# Series and what is forecast from them: precision, missing values, dates, constant series, limits.

# Writes a series: `series FILE ROWS DATE VALUE`, the last two in Python, of the row i, the start D and a week's wave f(i).
series() {
    python3 - "$@" <<'P'
import calendar, datetime as d, math, random, sys
random.seed(1)
D = d.datetime(2024, 1, 1)
f = lambda i: 100 + 10 * math.sin(i / 7 * 2 * math.pi) + random.random()
day = lambda i: (D + d.timedelta(days=i)).date()
hour = lambda i: (D + d.timedelta(hours=i)).isoformat()
def york(start, i, offset=True):
    t = start + d.timedelta(hours=i)
    h = -4 if d.datetime(2024, 3, 10, 7) <= t < d.datetime(2024, 11, 3, 6) else -5
    return (t + d.timedelta(hours=h)).isoformat(sep=" ") + (f"-0{-h}:00" if offset else "")
month = lambda i: (2010 + i // 12, i % 12 + 1)
last = lambda i: calendar.monthrange(*month(i))[1]
def business(i):
    x = d.date(*month(i), last(i))
    while x.weekday() > 4: x -= d.timedelta(days=1)
    return x
name, rows, date, value = sys.argv[1:]
with open(name, "w") as out:
    out.write("date,value\n")
    for i in range(int(rows)):
        when = eval(date)
        if when is not None: out.write(f"{when},{eval(value)}\n")
P
}
# A training of seconds.
train() { run train forecast --window 14 --horizon 7 --hidden-size 4 --epochs 1 --learning-rate 0.01 --seed 1 --output m.zip "$@"; }
# Runs Python over the JSON of the last run; it prints True where all is well.
json() { is "$(python3 -c "import json,sys; j=json.loads(sys.argv[1]); print($1)" "$out" 2>&1 | tail -1)" True; }

case_ R24 "values of 1e9 and 10 more or less are followed"
series big.csv 300 'day(i)' '1_000_000_000 + round(10 * math.sin(i / 7 * 2 * math.pi))'
train --input big.csv; exits 0
run forecast m.zip --json; exits 0; json 'max(j["forecasts"][0]["values"]) - min(j["forecasts"][0]["values"]) > 10'
run forecast m.zip --output o.csv; exits 0; holds o.csv '^2024-10-29,10000000(0[89]|1[012])\.[0-9]{4}'

case_ R24 "values of 1e-30 and 1e30 are followed"
series tiny.csv 200 'day(i)' 'f(i) * 1e-30'
train --input tiny.csv; exits 0; says 'network +│ [0-9.]+E-3'
series huge.csv 200 'day(i)' 'f(i) * 1e30'
train --input huge.csv; exits 0
run forecast m.zip --json; exits 0; json 'all(8e31 < v < 1.2e32 for v in j["forecasts"][0]["values"])'

case_ R24 "a model that was saved before forecasts as it did, and takes new rows"
cp "$models/series.zip" m.zip
run forecast m.zip --json; exits 0; json 'j["forecasts"][0]["dates"][0] == "2024-03-21" and abs(j["forecasts"][0]["values"][0] - 108.38439) < 1e-4'
printf 'date,value\n2024-03-21,100.5\n' >next.csv
run forecast m.zip --append next.csv; exits 0
run forecast m.zip; exits 0

case_ R25 "filled values at the end are said and not measured"
series ok.csv 300 'day(i)' 'f(i)'
series trail.csv 300 'day(i)' '"" if i >= 290 else f(i)'
for missing in linear previous; do
    train --input trail.csv --missing $missing --json; exits 0
    json 'j["results"][1]["rootMeanSquaredError"] < 0.6 and j["filledValues"]["atEnd"] == 10'
done
train --input trail.csv --missing linear; says '10 missing values were filled'

case_ R25 "filled values in the middle are not measured"
series middle.csv 300 'day(i)' '"" if 270 <= i < 275 else f(i)'
train --input middle.csv --missing previous --json; exits 0
json 'j["results"][1]["rootMeanSquaredError"] < 5 and j["filledValues"]["all"] == 5'

case_ R25 "leading missing values are refused with their row"
series lead.csv 300 'day(i)' '"" if i < 10 else f(i)'
train --input lead.csv --missing linear; exits 1; says 'Row 0 \(2024-01-01\) lacks its value'

case_ R23 "a constant series is forecast, and what is not defined is said"
series const.csv 120 'day(i)' '42'
train --input const.csv; exits 0; says 'MASE is not defined: the series is constant'; never_says 'NaN|Infinity|∞'
train --input const.csv --json; exits 0; never_says 'NaN|Infinity'; json 'j["change"] is None and j["results"][-1]["scaledError"] is None'
run forecast m.zip --json; exits 0; json 'all(abs(v - 42) < 1 for v in j["forecasts"][0]["values"])'
series zero.csv 120 'day(i)' '0'
train --input zero.csv; exits 0; says 'MASE is not defined: the series is constant'; never_says 'NaN|Infinity|∞'
run forecast m.zip --json; exits 0; json 'all(abs(v) < 1 for v in j["forecasts"][0]["values"])'

case_ R23 "a constant series beside another leaves the other's MASE"
series a.csv 200 'day(i)' 'f(i)'; series b.csv 150 'day(i)' '0'
{ echo date,shop,value; tail -n +2 a.csv | sed 's/,/,A,/'; tail -n +2 b.csv | sed 's/,/,B,/'; } >both.csv
train --input both.csv --series-column shop; exits 0; says "MASE leaves out .*'B' is constant"; never_says 'NaN|Infinity|∞'
train --input both.csv --series-column shop --json; exits 0; json 'j["results"][1]["scaledError"] > 0.5'

case_ R20 "dates with an offset are read, and forecasts written with it"
for zone in +00:00 Z -04:00; do
    series zone.csv 300 "hour(i) + '$zone'" 'f(i)'
    train --input zone.csv; exits 0
    run forecast m.zip --output o.csv; exits 0; holds o.csv "^2024-01-13T12:00:00\\$zone,"
done

case_ R20 "fractions of zero are read"
series frac.csv 200 'hour(i).replace("T", " ") + ".000"' 'f(i)'
train --input frac.csv; exits 0

case_ R20 "local times through a change of clocks are refused with a guess"
series autumn.csv 400 'york(d.datetime(2024, 10, 25), i, False)' 'f(i)'
train --input autumn.csv; exits 1; says '2024-11-03T01:00:00.*clocks changed.*UTC.*offset'; never_says '[Rr]emove one'
series spring.csv 400 'york(d.datetime(2024, 3, 1), i, False)' 'f(i)'
train --input spring.csv; exits 1; says '2024-03-10T03:00:00.*clocks changed.*UTC.*offset'; never_says 'missing rows'

case_ R20 "local times with their offsets go through a change of clocks"
series offset.csv 400 'york(d.datetime(2024, 10, 25), i)' 'f(i)'
train --input offset.csv; exits 0
run forecast m.zip --output o.csv; exits 0; holds o.csv '^2024-11-10T16:00:00\+00:00,'

case_ R21 "trading days go on after the weekend"
series business.csv 300 'day(i) if day(i).weekday() < 5 else None' 'f(i)'
train --input business.csv; exits 0; says 'seasonal-naive 5'
run forecast m.zip --output o.csv; exits 0; holds o.csv '^2024-10-28,'
run inspect m.zip; says '7 steps of 1 business day'
train --input business.csv --missing linear; exits 0

case_ R21 "trading days may lack holidays"
series holidays.csv 300 'day(i) if day(i).weekday() < 5 and (day(i).month, day(i).day) not in ((2, 19), (3, 29), (5, 27), (7, 4)) else None' 'f(i)'
train --input holidays.csv; exits 0; says '4 of them on days without a row'
printf 'date,value\n2024-10-29,100\n' >next.csv
run forecast m.zip --append next.csv --output o.csv; exits 0; holds o.csv '^2024-10-30,'
printf 'date,value\n2024-11-02,100\n' >saturday.csv
run forecast m.zip --append saturday.csv; exits 1; says '2024-11-02, a Saturday.*Remove the row'

case_ R22 "months go on on the 30th, and on the last business day"
series month30.csv 120 'd.date(*month(i), min(30, last(i)))' 'f(i)'
train --input month30.csv; exits 0
run forecast m.zip --output o.csv; exits 0; holds o.csv '^2020-01-30,'; holds o.csv '^2020-02-29,'; holds o.csv '^2020-03-30,'
series bmonth.csv 120 'business(i)' 'f(i)'
train --input bmonth.csv; exits 0
run forecast m.zip --output o.csv; exits 0; holds o.csv '^2020-02-28,'; holds o.csv '^2020-05-29,'

case_ R22 "month ends, quarters and years go on as they did"
series ends.csv 120 'd.date(*month(i), last(i))' 'f(i)'
train --input ends.csv; exits 0; run forecast m.zip --output o.csv; holds o.csv '^2020-02-29,'
series quarters.csv 80 'd.date(2000 + i // 4, 1 + 3 * (i % 4), 1)' 'f(i)'
train --input quarters.csv; exits 0; run forecast m.zip --output o.csv --steps 2; holds o.csv '^2020-04-01,'
series years.csv 100 'd.date(1900 + i, 12, 31)' 'f(i)'
train --input years.csv; exits 0; run forecast m.zip --output o.csv --steps 2; holds o.csv '^2001-12-31,'

case_ R26 "counts are forecast at or above a floor, bounds too"
series counts.csv 300 'day(i)' '0 if random.random() < .9 else random.randint(1, 5)'
train --input counts.csv --minimum 0; exits 0
run forecast m.zip --json --steps 20; exits 0; json 'min(j["forecasts"][0]["values"] + j["forecasts"][0]["lower"]) >= 0'
run forecast m.zip --output o.csv; exits 0; [ "$(grep -c -- ',-' o.csv)" = 0 ] || wrong "o.csv has negative values"
run inspect m.zip; says 'at least 0'
train --input counts.csv --minimum 3 --maximum 2; exits 2

case_ R35 "decimal commas are read where they are asked for"
series plain.csv 200 'day(i)' '"%.3f" % f(i)'
sed 's/,/;/; s/\./,/' plain.csv >german.csv
train --input german.csv; exits 1; says "'1[0-9]+,[0-9]+'.*decimal"
train --input german.csv --decimal-marker ,; exits 0
run forecast m.zip --json; json 'all(80 < v < 120 for v in j["forecasts"][0]["values"])'
