using System.Security.Cryptography;
using System.Text;

namespace HybridConv.Targets;

/// <summary>What an entry of the cache was made from, as the SHA-256 of it: entries with equal keys hold the same.</summary>
internal readonly record struct CacheKey
{
    public const int Bytes = SHA256.HashSizeInBytes;

    private CacheKey(byte[] hash) => Hex = Convert.ToHexStringLower(hash);

    public string Hex { get; }

    /// <param name="parts">In order; the lengths count, so that no two lists read alike.</param>
    public static CacheKey Of(params IEnumerable<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (string part in parts)
        {
            byte[] text = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes((long)text.Length));
            hash.AppendData(text);
        }
        return new CacheKey(hash.GetHashAndReset());
    }

    public byte[] ToArray() => Convert.FromHexString(Hex);
}
