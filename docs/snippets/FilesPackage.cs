#region files
using Microsoft.ML;

var ml = new MLContext();
var rows = ml.Data.LoadRows("days/*.csv");                  // or Parquet, Arrow, JSON Lines, IDX
ml.Data.SaveRows(rows, "days.parquet");
#endregion

Console.WriteLine(rows.Schema.Count);
