defmodule HelloWorld do
  def hello, do: "Hello, World!"
end
