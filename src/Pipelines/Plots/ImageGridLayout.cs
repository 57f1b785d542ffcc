using OxyPlot.SkiaSharp;
using SkiaSharp;

namespace Sconce.Pipelines.Plots;

/// <summary>The layout of an <see cref="ImageGrid"/> in whole pixels, so that images are not resampled.</summary>
internal sealed class ImageGridLayout : IDisposable
{
    private const int Margin = 28;
    private const int Space = 14;
    // Between wrapped lines, to show what belongs together.
    private const int LineSpace = 24;

    private readonly ImageGrid _grid;
    private readonly SKFont _title = PlotFont.OfSize(30);
    private readonly SKFont _label = PlotFont.OfSize(24);
    private readonly SKFont _small = PlotFont.OfSize(20);
    private readonly SKPaint _ink = new() { Color = PlotPalette.Text.ToSKColor(), IsAntialias = true };
    private readonly int _count;
    private readonly int _columns;
    private readonly int _lines;
    private readonly int _imageWidth;
    private readonly int _imageHeight;
    private readonly int _pitch;
    private readonly int[] _rowHeights;
    private readonly int _shift;
    private readonly int _left;
    private readonly int _top;
    private readonly int _bottom;

    public ImageGridLayout(ImageGrid grid)
    {
        _grid = grid;
        _count = grid.Rows[0].Images.Count;
        _columns = Math.Min(_count, grid.ImagesPerLine);
        _lines = (_count + _columns - 1) / _columns;
        var image = grid.Rows[0].Images[0];
        (_imageWidth, _imageHeight) = (image.Width * grid.Scale, image.Height * grid.Scale);
        var captions = Widest(_small, grid.Rows.SelectMany(row => row.Captions ?? []));
        _pitch = Math.Max(_imageWidth, captions == 0 ? 0 : captions + Space) + grid.Gap;
        _rowHeights = [.. grid.Rows.Select(row => _imageHeight + (row.Captions is null ? 0 : LineHeight(_small)) + grid.Gap)];

        var titles = Widest(_small, grid.Rows.Select(row => row.Title ?? ""));
        _left = Margin + (grid.LeftTitle is null ? 0 : LineHeight(_label) + Space) + (titles == 0 ? 0 : titles + Space);
        _top = Margin + (grid.Title is null ? 0 : LineHeight(_title) + Space);
        var wanted = _left + _columns * _pitch - grid.Gap + Margin;
        var titled = grid.Title is null ? 0 : Widest(_title, [grid.Title]) + 2 * Margin;
        Width = Math.Max(wanted, titled);
        _shift = (Width - wanted) / 2;
        _left += _shift;

        _bottom = _top + _lines * (_rowHeights.Sum() + LineSpace) - LineSpace - grid.Gap;
        var height = _bottom + (grid.BottomValues is null ? 0 : LineHeight(_small) + Space / 2) + (grid.BottomTitle is null ? 0 : LineHeight(_label) + Space / 2) + Margin;
        Height = Math.Max(height, grid.LeftTitle is null ? 0 : _top + Widest(_label, [grid.LeftTitle]) + Margin);
    }

    /// <summary>The width of the picture in pixels.</summary>
    public int Width { get; }

    /// <summary>Its height in pixels.</summary>
    public int Height { get; }

    public void Draw(SKCanvas canvas)
    {
        if (_grid.Title is { } title)
            Write(canvas, title, _title, Width / 2f, Margin, 0.5f);
        if (_grid.LeftTitle is { } left)
        {
            using var restored = new SKAutoCanvasRestore(canvas);
            canvas.Translate(Margin + _shift, (_top + Math.Max(_bottom, _top + Widest(_label, [left]))) / 2f);
            canvas.RotateDegrees(-90);
            Write(canvas, left, _label, 0, 0, 0.5f);
        }

        for (var line = 0; line < _lines; line++)
        {
            var y = _top + line * (_rowHeights.Sum() + LineSpace);
            var free = float.MinValue;
            for (var row = 0; row < _rowHeights.Length; row++)
            {
                var center = y + (_imageHeight - LineHeight(_small)) / 2f;
                if (_grid.Rows[row].Title is { } name && center >= free)
                {
                    Write(canvas, name, _small, _left - Space, center, 1);
                    free = center + LineHeight(_small);
                }

                for (var i = line * _columns; i < Math.Min(_count, (line + 1) * _columns); i++)
                    DrawImage(canvas, _grid.Rows[row], i, Center(i % _columns), y);
                y += _rowHeights[row];
            }
        }

        DrawBottom(canvas);
    }

    public void Dispose()
    {
        _title.Dispose();
        _label.Dispose();
        _small.Dispose();
        _ink.Dispose();
    }

    private void DrawImage(SKCanvas canvas, ImageRow row, int index, float center, int y)
    {
        var image = row.Images[index];
        using var bitmap = PngFile.ToBitmap(image);
        using var nearest = new SKPaint { FilterQuality = SKFilterQuality.None };
        var x = MathF.Floor(center - _imageWidth / 2f);
        canvas.DrawBitmap(bitmap, SKRect.Create(x, y, _imageWidth, _imageHeight), nearest);
        if (row.Captions is { } captions)
            Write(canvas, captions[index], _small, center, y + _imageHeight, 0.5f);
    }

    private void DrawBottom(SKCanvas canvas)
    {
        var y = _bottom + Space / 2;
        if (_grid.BottomValues is { } values)
        {
            var width = Widest(_small, values) + Space;
            var every = (width + _pitch - 1) / _pitch;
            for (var column = 0; column < _columns; column += every)
                Write(canvas, values[column], _small, Center(column), y, 0.5f);
            y += LineHeight(_small) + Space / 2;
        }

        if (_grid.BottomTitle is { } title)
            Write(canvas, title, _label, _left + (_columns * _pitch - _grid.Gap) / 2f, y, 0.5f);
    }

    private float Center(int column) => _left + column * _pitch + (_pitch - _grid.Gap) / 2f;

    /// <summary>Writes a line with its top at <paramref name="y"/>, and <paramref name="share"/> of its width left of <paramref name="x"/>.</summary>
    private void Write(SKCanvas canvas, string text, SKFont font, float x, float y, float share) =>
        canvas.DrawText(text, x - share * PlotFont.Width(font, text), y - font.Metrics.Ascent, font, _ink);

    private static int LineHeight(SKFont font) => (int)MathF.Ceiling(font.Spacing);

    private static int Widest(SKFont font, IEnumerable<string> texts) => (int)MathF.Ceiling(texts.Select(text => PlotFont.Width(font, text)).DefaultIfEmpty(0).Max());
}
