using Microsoft.AspNetCore.Http;

namespace Headroom.Routing.AspNetCore.Page;

/// <summary>A file of the page, which is a resource of the assembly.</summary>
/// <param name="Name">The file's name.</param>
/// <param name="ContentType">Its type.</param>
/// <param name="Content">Its bytes.</param>
internal sealed record PageAsset(string Name, string ContentType, ReadOnlyMemory<byte> Content)
{
    private const string Folder = "page/";

    internal static PageAsset Html { get; } = Load("page.html");

    /// <summary>What the page refers to.</summary>
    internal static IReadOnlyList<PageAsset> Others { get; } =
    [
        .. typeof(PageAsset).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Folder, StringComparison.Ordinal) && name != Folder + Html.Name)
            .Select(name => Load(name[Folder.Length..])),
    ];

    internal async Task WriteAsync(HttpContext context)
    {
        context.Response.ContentType = ContentType;
        context.Response.ContentLength = Content.Length;
        await context.Response.Body.WriteAsync(Content, context.RequestAborted);
    }

    private static PageAsset Load(string name)
    {
        using var resource = typeof(PageAsset).Assembly.GetManifestResourceStream(Folder + name)!;
        var content = new byte[resource.Length];
        resource.ReadExactly(content);
        return new PageAsset(name, TypeOf(Path.GetExtension(name)), content);
    }

    private static string TypeOf(string extension) => extension switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        _ => "image/svg+xml",
    };
}
