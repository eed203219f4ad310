/** Small supergraphs, each for one part of federation. */
import type { WorldSource } from "../world.js";

export const requires: WorldSource = {
  name: "@requires: arguments, nested objects and lists, chains",
  requiresArguments: ["price", "duty"],
  subgraphs: {
    catalogue: `
      type Query { products(first: Int = 3): [Product!]! product(id: ID!): Product }
      type Product @key(fields: "id") {
        id: ID! name: String! price(currency: String! = "EUR"): Int! size: Size tags: [Tag!]! parts: [Product!]!
      }
      type Size { width: Int! height: Int unit: Unit! }
      type Tag { label: String! weight: Int }
      enum Unit { CM INCH }
    `,
    shipping: `
      type Query { depot: Product }
      type Product @key(fields: "id") {
        id: ID! price(currency: String! = "EUR"): Int! @external size: Size @external tags: [Tag!]! @external
        duty: Int @requires(fields: "price(currency: \\"USD\\")")
        box: String @requires(fields: "size { width height unit }")
        fee(express: Boolean = false): Int! @requires(fields: "box2 tags { weight label }")
        box2: String @external
        label: String
      }
      type Size @external { width: Int! height: Int unit: Unit! }
      type Tag @external { label: String! weight: Int }
      enum Unit { CM INCH }
    `,
    packing: `
      type Product @key(fields: "id") {
        id: ID! label: String @external
        box2: String
        sticker: String @requires(fields: "label")
      }
    `,
  },
};

export const provides: WorldSource = {
  name: "@provides, @shareable, @override and several keys",
  subgraphs: {
    people: `
      type Query { people: [Person!] person(id: ID!): Person }
      type Person @key(fields: "id") @key(fields: "email") {
        id: ID! email: String! name: String @shareable address: Address @shareable phone: String nick(short: Boolean): String
      }
      type Address @shareable { street: String city: City! }
      type City @shareable { name: String! zip: Int }
    `,
    orders: `
      type Query { orders: [Order!]! bestCustomer: Person @provides(fields: "name address { street }") }
      type Order @key(fields: "id") { id: ID! buyer: Person! @provides(fields: "name") seller: Person total: Float! note: String }
      type Person @key(fields: "email") {
        email: String! name: String @external address: Address @external orders(last: Int): [Order!]
      }
      type Address { street: String @shareable city: City! @shareable }
      type City @shareable { name: String! zip: Int }
    `,
    support: `
      type Query { tickets: [Ticket] }
      type Ticket { topic: String! reporter: Person order: Order }
      type Person @key(fields: "id") { id: ID! phone: String @override(from: "people") tickets: [Ticket!] }
      type Order @key(fields: "id") { id: ID! note: String @override(from: "orders") tickets: [Ticket] }
    `,
  },
};

export const abstract: WorldSource = {
  name: "interfaces and unions across subgraphs",
  subgraphs: {
    library: `
      type Query { items: [Item!]! search(text: String!, kind: Kind): [Hit] item(id: ID!): Item }
      enum Kind { BOOK FILM GAME }
      interface Item { id: ID! title: String! related: [Item!] }
      interface Named { title: String! }
      type Book implements Item & Named @key(fields: "id") { id: ID! title: String! related: [Item!] pages: Int author: Person }
      type Film implements Item & Named @key(fields: "id") { id: ID! title: String! related: [Item!] minutes: Int! cast: [Person] }
      type Game implements Item @key(fields: "id") { id: ID! title: String! related: [Item!] players: Int }
      type Person @key(fields: "id") { id: ID! }
      union Hit = Book | Film | Person
    `,
    people: `
      type Query { persons: [Person!] }
      interface Contact { id: ID! name: String }
      type Person implements Contact @key(fields: "id") { id: ID! name: String likes: [Liked!]! }
      type Company implements Contact { id: ID! name: String staff: [Contact] }
      union Liked = Book | Game | Company
      type Book @key(fields: "id") { id: ID! publisher: Company price: Float }
      type Game @key(fields: "id") { id: ID! publisher: Contact stars: Int! }
    `,
    ratings: `
      type Book @key(fields: "id") { id: ID! stars: Int }
      type Film @key(fields: "id") { id: ID! stars: Int votes(min: Int): [Int!] }
      type Person @key(fields: "id") { id: ID! stars: Int favourite: Favourite }
      union Favourite = Book | Film
    `,
  },
};

export const interfaceObject: WorldSource = {
  name: "@interfaceObject",
  hasInterfaceObjects: true,
  subgraphs: {
    media: `
      type Query { media: [Media!]! medium(id: ID!): Media books: [Book] }
      interface Media @key(fields: "id") { id: ID! title: String }
      type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int! }
      type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int sequel: Film }
    `,
    reviews: `
      type Query { reviewed: [Media] latest: Review }
      type Media @key(fields: "id") @interfaceObject { id: ID! reviews(first: Int = 2): [Review!]! score: Int }
      type Review { text: String! media: Media! author: String }
    `,
    stats: `
      type Media @key(fields: "id") @interfaceObject {
        id: ID! title: String @external
        views: Int slug: String @requires(fields: "title")
      }
    `,
  },
};

export const lists: WorldSource = {
  name: "nested lists, composite keys, inputs",
  subgraphs: {
    grid: `
      type Query { grid(filter: Filter): [[Cell]!] cells(ids: [ID!]!): [Cell!]! matrix: [[Int]] raw: JSON }
      input Filter { kinds: [Kind!] near: Point not: Filter limit: Int = 3 }
      input Point { x: Int! y: Int = 1 }
      enum Kind { A B C }
      scalar JSON
      type Cell @key(fields: "id") @key(fields: "zone { id } row") {
        id: ID! zone: Zone! row: Int! kind: Kind! neighbours: [[Cell!]] data: JSON
      }
      type Zone @key(fields: "id") { id: ID! cells: [Cell] }
    `,
    weather: `
      type Query { hottest: Zone coldest(kind: Kind): [Cell!] }
      enum Kind { A B C }
      scalar JSON
      type Cell @key(fields: "zone { id } row") { zone: Zone! row: Int! degrees: Float log(from: Kind = A): [JSON] }
      type Zone @key(fields: "id") { id: ID! forecast: [[Float!]!] label: String! }
    `,
  },
};

export const small = [requires, provides, abstract, lists, interfaceObject];
