using System.Numerics;

namespace Sconce.Trainers;

/// <summary>Days of the week.</summary>
[Flags]
public enum Weekdays
{
    /// <summary>No day.</summary>
    None = 0,

    /// <summary>Monday.</summary>
    Monday = 1,

    /// <summary>Tuesday.</summary>
    Tuesday = 1 << 1,

    /// <summary>Wednesday.</summary>
    Wednesday = 1 << 2,

    /// <summary>Thursday.</summary>
    Thursday = 1 << 3,

    /// <summary>Friday.</summary>
    Friday = 1 << 4,

    /// <summary>Saturday.</summary>
    Saturday = 1 << 5,

    /// <summary>Sunday.</summary>
    Sunday = 1 << 6,

    /// <summary>Monday to Friday.</summary>
    BusinessDays = Monday | Tuesday | Wednesday | Thursday | Friday,

    /// <summary>All seven.</summary>
    All = BusinessDays | Saturday | Sunday,
}

/// <summary>Counts the days that fall on some days of the week.</summary>
internal static class WeekdayCount
{
    private const int DaysInWeek = 7;

    public static int PerWeek(this Weekdays days) => BitOperations.PopCount((uint)days);

    public static bool Has(this Weekdays days, DateTime date) => days.HasFlag(Of(date));

    public static Weekdays Of(DateTime date) => (Weekdays)(1 << (Day(date) % DaysInWeek));

    /// <summary>The number of weeks before the week of a date, counted from 0001-01-01, a Monday.</summary>
    public static int Week(DateTime date) => Day(date) / DaysInWeek;

    /// <summary>The number of these days before a date, counted from 0001-01-01, a Monday.</summary>
    public static int Before(this Weekdays days, DateTime date)
    {
        var day = Day(date);
        return day / DaysInWeek * days.PerWeek() + (days & (Weekdays)((1 << (day % DaysInWeek)) - 1)).PerWeek();
    }

    /// <summary>
    /// The date that has <paramref name="count"/> of these days before it, at the time of day of <paramref name="like"/>.
    /// </summary>
    public static DateTime At(this Weekdays days, int count, DateTime like)
    {
        var (week, rank) = Math.DivRem(count, days.PerWeek());
        var day = Enumerable.Range(0, DaysInWeek).Where(day => days.HasFlag((Weekdays)(1 << day))).ElementAt(rank);
        return DateTime.MinValue.AddDays(week * DaysInWeek + day) + like.TimeOfDay;
    }

    private static int Day(DateTime date) => (date.Date - DateTime.MinValue).Days;
}
