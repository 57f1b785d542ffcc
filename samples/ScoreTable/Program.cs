using System.Globalization;
using Microsoft.ML;
using Microsoft.ML.Data;

// A program that has nothing of the first one but its model of a table, and no class for the rows: MODEL TABLE.CSV. It
// prints each row's probability.
var ml = new MLContext();
var model = ml.Model.Load(args[0], out var schema);
var fields = File.ReadLines(args[1]).First().Split(',');
var loader = ml.Data.CreateTextLoader(new TextLoader.Options
{
    Columns = [.. schema.Where(column => fields.Contains(column.Name)).Select(column => new TextLoader.Column(column.Name, KindOf(column.Type), Array.IndexOf(fields, column.Name)))],
    Separators = [','],
    HasHeader = true,
    AllowQuoting = true,
    MissingRealsAsNaNs = true,                              // a gap is no zero
});
foreach (var probability in model.Transform(loader.Load(args[1])).GetColumn<float>("Probability"))
    Console.WriteLine(probability.ToString(CultureInfo.InvariantCulture));

static DataKind KindOf(DataViewType type) =>
    type is TextDataViewType ? DataKind.String : type == NumberDataViewType.Double ? DataKind.Double : DataKind.Single;
