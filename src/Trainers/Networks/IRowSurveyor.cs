namespace Sconce.Trainers.Networks;

/// <summary>A module that looks at training rows before it is trained. What it learns is kept in its buffers.</summary>
internal interface IRowSurveyor
{
    /// <summary>Looks at training rows.</summary>
    /// <param name="rows">The values of the rows as the module reads them, [rows, values].</param>
    void Survey(float[,] rows);
}
