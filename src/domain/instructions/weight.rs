//! How much a browser's parser would make of some HTML, found without making it.
//!
//! The HTML standard opens formatting elements that were left open again in every paragraph that follows, so that a few
//! kilobytes can become gigabytes of elements. This runs the parser's own rules over a tree that is only counted.

use std::{borrow::Cow, cell::Cell, rc::Rc};

use html5ever::{
    Attribute, ExpandedName, LocalName, ParseOpts, QualName, local_name, ns, parse_fragment,
    tendril::{StrTendril, TendrilSink},
    tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink},
};

/// How deep elements may stand in each other. Browsers flatten what is deeper than 512.
const MAX_DEPTH: usize = 256;

/// So many elements may come from nothing; and one more for every three bytes, the shortest tag.
const FREE_ELEMENTS: usize = 1000;

/// The byte after which the content is too much to parse, if it is.
pub(in crate::domain) fn overweight_at(content: &str) -> Option<usize> {
    let root = QualName::new(None, ns!(html), local_name!("div"));
    let mut parser = parse_fragment(Scales::default(), ParseOpts::default(), root, Vec::new(), false);
    let mut read = 0;
    for chunk in content.split_inclusive('>') {
        read += chunk.len();
        parser.process(StrTendril::from_slice(chunk));
        let scales = &parser.tokenizer.sink.sink;
        if scales.depth.get() > MAX_DEPTH || scales.elements.get() > FREE_ELEMENTS + content.len() / 3 {
            return Some(read);
        }
    }
    None
}

/// Where the parser's elements are counted.
#[derive(Default)]
struct Scales {
    elements: Cell<usize>,
    depth: Cell<usize>,
}

/// What the parser asks about an element later, and how deep it stands.
struct Element {
    name: QualName,
    is_integration_point: bool,
    depth: Cell<usize>,
}

impl Scales {
    fn element(&self, local: LocalName) -> Rc<Element> {
        self.create_element(QualName::new(None, ns!(html), local), Vec::new(), ElementFlags::default())
    }

    fn place(&self, depth: usize, child: NodeOrText<Rc<Element>>) {
        if let NodeOrText::AppendNode(element) = child {
            element.depth.set(depth);
            self.depth.set(self.depth.get().max(depth));
        }
    }
}

impl TreeSink for Scales {
    type Handle = Rc<Element>;
    type Output = ();
    type ElemName<'a> = ExpandedName<'a>;

    fn create_element(&self, name: QualName, _: Vec<Attribute>, flags: ElementFlags) -> Rc<Element> {
        self.elements.set(self.elements.get() + 1);
        let is_integration_point = flags.mathml_annotation_xml_integration_point;
        Rc::new(Element { name, is_integration_point, depth: Cell::default() })
    }

    fn append(&self, parent: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        self.place(parent.depth.get() + 1, child);
    }

    fn append_before_sibling(&self, sibling: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        self.place(sibling.depth.get(), child);
    }

    fn append_based_on_parent_node(&self, node: &Rc<Element>, _: &Rc<Element>, child: NodeOrText<Rc<Element>>) {
        self.place(node.depth.get(), child);
    }

    fn elem_name<'a>(&'a self, target: &'a Rc<Element>) -> ExpandedName<'a> {
        target.name.expanded()
    }

    fn same_node(&self, x: &Rc<Element>, y: &Rc<Element>) -> bool {
        Rc::ptr_eq(x, y)
    }

    fn is_mathml_annotation_xml_integration_point(&self, element: &Rc<Element>) -> bool {
        element.is_integration_point
    }

    fn get_template_contents(&self, template: &Rc<Element>) -> Rc<Element> {
        Rc::clone(template)
    }

    fn get_document(&self) -> Rc<Element> {
        self.element(local_name!("html"))
    }

    fn create_comment(&self, _: StrTendril) -> Rc<Element> {
        self.element(local_name!(""))
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Rc<Element> {
        self.element(local_name!(""))
    }

    // A tree would change here; a count does not.
    fn finish(self) {}
    fn parse_error(&self, _: Cow<'static, str>) {}
    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}
    fn set_quirks_mode(&self, _: QuirksMode) {}
    fn add_attrs_if_missing(&self, _: &Rc<Element>, _: Vec<Attribute>) {}
    fn remove_from_parent(&self, _: &Rc<Element>) {}
    fn reparent_children(&self, _: &Rc<Element>, _: &Rc<Element>) {}
}
