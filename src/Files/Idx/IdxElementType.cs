namespace Sconce.Files;

/// <summary>The types of an IDX file's values that are read and written; the numbers are the format's own.</summary>
public enum IdxElementType : byte
{
    /// <summary>Unsigned bytes, as MNIST's pixels and labels are.</summary>
    Byte = 0x08,

    /// <summary>32-bit floats (IEEE 754), as codes are.</summary>
    Single = 0x0D,
}

/// <summary>What follows from an element type.</summary>
internal static class IdxElements
{
    /// <summary>Bytes in a value.</summary>
    public static int Size(this IdxElementType type) => type == IdxElementType.Byte ? sizeof(byte) : sizeof(float);
}
