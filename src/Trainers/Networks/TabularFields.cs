namespace Sconce.Trainers.Networks;

/// <summary>Which values of a row are numbers, and which are categories.</summary>
/// <param name="Numbers">The places of the numbers.</param>
/// <param name="Categories">The places of the categories, with the number of categories of each.</param>
internal sealed record TabularFields(IReadOnlyList<int> Numbers, IReadOnlyList<(int Place, int Count)> Categories)
{
    public static TabularFields Of(InputColumn input)
    {
        if (input.Parts is null)
            return new([.. Enumerable.Range(0, input.Length)], []);
        List<int> numbers = [];
        List<(int, int)> categories = [];
        var place = 0;
        foreach (var part in input.Parts)
        {
            for (var i = 0; i < part.Size; i++, place++)
            {
                if (part.Categories is null)
                    numbers.Add(place);
                else
                    categories.Add((place, part.Categories.Count));
            }
        }

        return new(numbers, categories);
    }

    /// <summary>The first row of each category's embeddings in a table of all of them; the first one is that of a missing category.</summary>
    public IEnumerable<long> Offsets
    {
        get
        {
            var offset = 0L;
            foreach (var (_, count) in Categories)
            {
                yield return offset;
                offset += count + 1;
            }
        }
    }

    /// <summary>The number of embeddings of categories.</summary>
    public long Embeddings => Categories.Sum(category => category.Count + 1L);
}
