using System.Globalization;
using Microsoft.ML;
using Sconce.Core.Errors;
using Sconce.Pipelines.Tutorials.Dates;

namespace Sconce.Pipelines;

/// <summary>A date in free form and in ISO 8601.</summary>
public sealed class DateExample
{
    /// <summary>The date in free form: "Thursday, 5 March 1998".</summary>
    public string Date { get; set; } = "";

    /// <summary>The same date as "1998-03-05".</summary>
    public string IsoDate { get; set; } = "";
}

/// <summary>Randomly generated dates in free form, with their ISO 8601 form: dates from 1900 to 2099 in dozens of formats, in any letter case.</summary>
public static class DateExamples
{
    /// <summary>Far fewer than the several million possible strings, so that drawing until one is new is quick.</summary>
    private const int MostExamples = 2_000_000;

    /// <summary>Draws training and test examples. All strings are distinct.</summary>
    /// <param name="training">The number of training examples, at least 1.</param>
    /// <param name="test">The number of test examples, at least 1.</param>
    /// <param name="seed">The same seed gives the same examples.</param>
    public static (IReadOnlyList<DateExample> Training, IReadOnlyList<DateExample> Test) Draw(int training, int test, int seed)
    {
        Check.AtLeast(training, 1, nameof(training));
        Check.AtLeast(test, 1, nameof(test));
        Check.AtMost((long)training + test, MostExamples, "The number of examples");
        var random = new Random(seed);
        var seen = new HashSet<string>();
        var examples = new List<DateExample>(training + test);
        while (examples.Count < training + test)
        {
            var example = Draw(random);
            if (seen.Add(example.Date))
                examples.Add(example);
        }

        return (examples[test..], examples[..test]);
    }

    /// <summary>Draws examples as <see cref="Draw(int, int, int)"/> does, as data with the columns <c>Date</c> and <c>IsoDate</c>.</summary>
    public static (IDataView Training, IDataView Test) Load(MLContext ml, int training, int test, int seed)
    {
        var (learned, unseen) = Draw(training, test, seed);
        return (ml.Data.LoadFromEnumerable(learned), ml.Data.LoadFromEnumerable(unseen));
    }

    private static DateExample Draw(Random random)
    {
        while (true)
        {
            var date = DateForms.First.AddDays(random.Next(DateForms.Last.DayNumber - DateForms.First.DayNumber + 1));
            var form = DateForms.All[random.Next(DateForms.All.Count)];
            if (!DateForms.Tells(form, date))
                continue;
            var text = DateForms.Write(form, date);
            text = random.Next(4) switch
            {
                0 => text.ToLower(CultureInfo.InvariantCulture),
                1 => text.ToUpper(CultureInfo.InvariantCulture),
                _ => text,
            };
            return new DateExample { Date = text, IsoDate = DateForms.WriteIso(date) };
        }
    }
}
