global using System;
global using System.Collections.Generic;
global using System.IO;
global using System.Linq;
global using System.Threading;
global using System.Threading.Tasks;
using Microsoft.ML;
using Microsoft.ML.Data;

/// <summary>The snippets say <c>ml.Data.LoadMnist()</c> and mean all of MNIST. Compiled with this class, which the compiler finds first, they train on little.</summary>
internal static class SmallData
{
    public static (IDataView Train, IDataView Test) LoadMnist(this DataOperationsCatalog catalog)
    {
        var (train, test) = IdxCatalog.LoadMnist(catalog);
        return (catalog.TakeRows(train, 1_000), catalog.TakeRows(test, 300));
    }

    public static IDataView LoadBirths(this DataOperationsCatalog catalog) => catalog.TakeLastRows(SeriesCatalog.LoadBirths(catalog), 800);
}
