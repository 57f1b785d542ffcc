using Microsoft.ML;
using Microsoft.ML.Data;

namespace Sconce.Trainers.Tests.Targets;

/// <summary>Rows like those of auto-mpg: features of about 1, and labels as people have them, miles per gallon from 9 to 46 and prices of thousands.</summary>
internal sealed class Cars
{
    public const int Width = 4;

    public Cars(int rows, int seed = 1)
    {
        var random = new Random(seed);
        Rows = [.. Enumerable.Range(0, rows).Select(_ =>
        {
            var features = Enumerable.Range(0, Width).Select(_ => (float)(random.NextDouble() * 2 - 1)).ToArray();
            var efficiency = (3 * features[0] - 2 * features[1] + features[2] * features[2] + 6) / 12;
            var (miles, price) = (9 + 37 * efficiency, 45_000 - 31_000 * efficiency);
            return new Row { Features = features, Miles = miles, Price = price, Both = [miles, price, 4] };
        })];
    }

    public IReadOnlyList<Row> Rows { get; }

    public IDataView Load(MLContext ml) => ml.Data.LoadFromEnumerable(Rows);

    public sealed class Row
    {
        [VectorType(Width)]
        public float[] Features { get; set; } = [];

        public float Miles { get; set; }

        public float Price { get; set; }

        /// <summary>Both of them, and a number that never changes.</summary>
        [VectorType(3)]
        public float[] Both { get; set; } = [];
    }

    public sealed class Answer
    {
        public float Score { get; set; }
    }
}
