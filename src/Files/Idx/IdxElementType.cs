namespace Sconce.Files;

/// <summary>The supported types of values in IDX files, with their numbers in the format.</summary>
public enum IdxElementType : byte
{
    /// <summary>Unsigned bytes, such as the pixels and labels of MNIST.</summary>
    Byte = 0x08,

    /// <summary>32-bit floats (IEEE 754), such as codes.</summary>
    Single = 0x0D,
}

/// <summary>Properties of element types.</summary>
internal static class IdxElements
{
    /// <summary>Bytes in a value.</summary>
    public static int Size(this IdxElementType type) => type == IdxElementType.Byte ? sizeof(byte) : sizeof(float);
}
