#:sdk Microsoft.NET.Sdk.Web
#:property PublishAot=false

// Stands in for a provider: tells what it was asked.
var app = WebApplication.CreateBuilder(args).Build();
app.Map("/{**path}", (HttpRequest request) => $"{request.Method} {request.Path}");
app.Run();
