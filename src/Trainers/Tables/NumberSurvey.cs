namespace Sconce.Trainers.Tables;

/// <summary>Measures one number over the training rows.</summary>
internal sealed class NumberSurvey
{
    private const int MostKept = 100_000;

    private readonly List<double> _sample = [];
    private readonly Random _random = new(0);
    private double _mean;
    private double _squares;

    public long Present { get; private set; }

    public long Missing { get; private set; }

    /// <summary>Adds a value; NaN if it is missing.</summary>
    public void Add(double value)
    {
        if (double.IsNaN(value))
        {
            Missing++;
            return;
        }

        Present++;
        var difference = value - _mean;
        _mean += difference / Present;
        _squares += difference * (value - _mean);
        // Reservoir sampling (Vitter, 1985).
        if (_sample.Count < MostKept)
            _sample.Add(value);
        else if (_random.NextInt64(Present) is < MostKept and var place)
            _sample[(int)place] = value;
    }

    public NumberScale Scale(NumberScaling scaling) => NumberScale.Of([.. _sample], _mean, Math.Sqrt(_squares / Math.Max(1, Present)), scaling);
}
